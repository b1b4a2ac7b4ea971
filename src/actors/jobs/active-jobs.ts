// The jobs that have an actor: starts one for each, knows by its reports what it has said last, and how many places they
// take together. It reports nothing itself, and never looks into one of them.
import { type ActorRef, type ActorRefFrom, createActor, type Snapshot } from 'xstate';
import type { ActiveJobsInput } from '../../../machines/supervisor.js';
import type { torrentMachine } from '../../../machines/torrent.js';
import type { TorrentEvent } from '../../../machines/torrent-context.js';
import type { JobCommand, JobOrder, JobReport, JobTag } from '../../../machines/types.js';
import { isPausedOrder, stayedPaused, waitingTag } from './waiting-jobs.js';

interface ActiveJob {
  readonly actor: ActorRefFrom<typeof torrentMachine>;
  /** As reported last. */
  tag: JobTag;
  /** As said last; undefined before its first line. */
  percent: number | undefined;
  isPausedByUser: boolean;
  /** Since an earlier life. */
  stayedPaused: boolean;
  takesPlace: boolean;
}

export interface ActiveJobsOptions extends ActiveJobsInput {
  readonly torrent: typeof torrentMachine;
  /** Hears what they report, and how they end. */
  readonly parent: ActorRef<Snapshot<unknown>, JobReport>;
}

const actorIdPrefix = 'job-';

/** Of the actor of which an event tells. */
export function jobIdOf(actorId: string): number {
  return Number(actorId.slice(actorIdPrefix.length));
}

export class ActiveJobs {
  readonly #options: ActiveJobsOptions;
  readonly #jobs = new Map<number, ActiveJob>();
  #takenPlaces = 0;

  constructor(options: ActiveJobsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#jobs.size;
  }

  get hasPlace(): boolean {
    return this.#takenPlaces < this.#options.maxActive;
  }

  ids(): readonly number[] {
    return [...this.#jobs.keys()];
  }

  /** Whether there is a place for it or not. */
  begin(order: JobOrder): void {
    const { torrent, parent, needsTracker, giveUpMs, moveCompleted } = this.#options;
    const actor = createActor(torrent, {
      parent,
      id: `${actorIdPrefix}${order.id}`,
      src: 'torrent',
      input: { monitor: parent, needsTracker, giveUpMs, moveCompleted, ...order },
    });
    this.#jobs.set(order.id, {
      actor,
      tag: waitingTag(order, 'queued'),
      percent: order.hasSpoken ? -1 : undefined,
      isPausedByUser: isPausedOrder(order),
      stayedPaused: stayedPaused(order),
      takesPlace: true,
    });
    this.#takenPlaces += 1;
    actor.start();
  }

  /** False if no active job has that id. */
  tell(id: number, event: TorrentEvent): boolean {
    const job = this.#jobs.get(id);
    // Of one that ended just now its end is still to be heard.
    if (job?.actor.getSnapshot().status === 'active') job.actor.send(event);
    return job !== undefined;
  }

  hear(report: JobReport): void {
    if (report.type === 'job.recorded') {
      const { entry } = report;
      const job = this.#jobs.get(entry.id);
      if (!job || entry.type !== 'paused') return;
      job.isPausedByUser = entry.isPausedByUser;
      job.stayedPaused = false;
      return;
    }
    const job = 'job' in report ? this.#jobs.get(report.job.id) : undefined;
    if (!job || !('job' in report)) return;
    job.tag = report.job;
    if ('percent' in report) job.percent = report.percent;
    if (report.type === 'job.published' || report.type === 'job.downloaded') job.percent = 100;
    if (report.type === 'job.stateChanged') this.#count(job, !this.#rests(job));
  }

  /** The last line of it, as it stands now; undefined if it has said none. */
  lastLine(id: number): { readonly job: JobTag; readonly percent: number } | undefined {
    const { tag, percent } = this.#jobs.get(id) ?? {};
    return tag && percent !== undefined ? { job: tag, percent } : undefined;
  }

  /** How many would be cut short if all were over now. */
  get unfinished(): number {
    const jobs = [...this.#jobs.values()];
    return jobs.filter((job) => job.percent !== 100 && !job.stayedPaused).length;
  }

  /** It is over. As it was reported last; undefined if no active job had that id. */
  end(id: number): Pick<ActiveJob, 'tag' | 'percent'> | undefined {
    const job = this.#jobs.get(id);
    if (!job) return undefined;
    this.#count(job, false);
    this.#jobs.delete(id);
    return job;
  }

  #rests({ tag: { state }, isPausedByUser }: ActiveJob): boolean {
    if (!this.#options.isRestFree) return false;
    return state === 'seeding' || (state === 'paused' && isPausedByUser);
  }

  #count(job: ActiveJob, takesPlace: boolean): void {
    if (job.takesPlace === takesPlace) return;
    job.takesPlace = takesPlace;
    this.#takenPlaces += takesPlace ? 1 : -1;
  }
}

export function commandEvent(command: JobCommand): TorrentEvent {
  return command.kind === 'move'
    ? { type: 'job.move', dir: command.dir }
    : { type: `job.${command.kind}` };
}
