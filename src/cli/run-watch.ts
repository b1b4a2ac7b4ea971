// `bittorrent-helper watch SOCKET`: what a running helper does, by its socket, until it ends or Ctrl-C. In a terminal as the
// helper would show it itself, else as lines. It only watches: nothing of what it does reaches the helper.
import type { HelperClient } from '../client/helper-client.js';
import { HelperError, isErrorCode } from '../errors.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import { writeProgress } from '../stdio/write-progress.js';
import type { WatchCommand } from './arguments/parse-arguments.js';
import { isForPeople } from './outputs/view-output.js';
import { exitCodes, type Terminal } from './terminal.js';
import { stdoutFailure } from './write-out.js';

export async function runWatch(
  { socketPath }: WatchCommand,
  { stdout, stderr, env, stopSignal }: Terminal,
): Promise<number> {
  const { connect } = await import('../client/connect.js');
  const client = await connect(socketPath, { signal: stopSignal }).catch((error: unknown) => {
    throw ours(error);
  });
  try {
    const isView = isForPeople({ stdin: stdout, stdout, stderr: stdout, env });
    if (isView) await showClient(client, socketPath, { stdout, env });
    else await writeProgress(client.changes(), stdout);
  } catch (error) {
    const failure = stdoutFailure(error, stdout);
    if (failure) throw failure;
  } finally {
    await client.close();
  }
  const lost = await client.stopped;
  if (lost === undefined || stopSignal.aborted) return exitCodes.done;
  stderr.write(`bittorrent-helper: ${lost.code}: ${escapeForTerminal(lost.message)}\n`);
  return exitCodes.failed;
}

async function showClient(
  client: HelperClient,
  socketPath: string,
  { stdout, env }: Pick<Terminal, 'stdout' | 'env'>,
): Promise<void> {
  const { createLiveView } = await import('../terminal/live-view.js');
  const { version, pid } = client.facts;
  const watched = `watching ${socketPath}: version ${version}, process ${pid}`;
  const view = createLiveView(stdout, { env, watched: escapeForTerminal(watched) });
  await view.show({
    get jobs() {
      return client.jobs.flatMap(({ id, kind, file, state, percent }) =>
        id === undefined ? [] : [{ id, kind, file, state, percent }],
      );
    },
    job(id) {
      const job = client.job(id);
      return job && { id, kind: job.kind, file: job.file, state: job.state, percent: job.percent };
    },
    async *events(options) {
      for await (const event of client.events(options)) {
        if (event.type !== 'client.lost' && event.type !== 'client.restarted') yield event;
      }
    },
    statsChanges: (options) => client.statsChanges(options),
  });
}

/** The client is read from a file of its own, and so has errors of its own. */
function ours(error: unknown): HelperError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return new HelperError(isErrorCode(code) ? code : 'INTERNAL', message, { cause: error });
}
