// A helper in another process, for a view. What its events name is met before they are passed on: a row has its name at once.
import type { HelperClient } from '../../client/helper-client.js';
import type { HelperEvent } from '../../helper/events/helper-event.js';
import type { JobLookup, ViewSource } from '../../terminal/live-view.js';

export function watchedHelper(client: HelperClient): ViewSource {
  /** Those that had ended before the client knew them, by what the helper remembers of them. */
  const ended = new Map<number, JobLookup>();
  const known = (id: number): JobLookup | undefined => {
    const job = client.job(id);
    return job ? { ...lookupOf(job), id } : ended.get(id);
  };
  const meet = async (event: HelperEvent): Promise<void> => {
    if (event.type === 'job.ended') ended.delete(event.id);
    if (event.type !== 'job.state' || event.from !== undefined || known(event.id)) return;
    const { id, to: state } = event;
    // The client has asked as well, and sooner: it knows the job by now if it lives.
    const answer = await client.request('job.get', { id }).catch(() => undefined);
    if (known(id)) return;
    const file = textIn(answer, 'file');
    if (file === undefined) return;
    const kind = textIn(answer, 'kind') === 'seed' ? 'seed' : 'download';
    ended.set(id, { id, kind, file, state, percent: undefined });
  };
  return {
    get jobs() {
      return client.jobs.flatMap((job) =>
        job.id === undefined ? [] : [{ ...lookupOf(job), id: job.id }],
      );
    },
    job: known,
    async *events(options) {
      for await (const event of client.events(options)) {
        if (event.type === 'client.lost' || event.type === 'client.restarted') continue;
        await meet(event);
        yield event;
      }
    },
    statsChanges: (options) => client.statsChanges(options),
  };
}

function lookupOf({ kind, file, state, percent }: HelperClient['jobs'][number]) {
  return { kind, file, state, percent };
}

function textIn(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof text === 'string' ? text : undefined;
}
