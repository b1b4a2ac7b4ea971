// `bittorrent-helper watch SOCKET`: what a running helper does, by its socket, until it ends or Ctrl-C. In a terminal as the
// helper would show it itself, else as lines. It only watches: nothing of what it does reaches the helper.
import type { Change, Diagnostic } from '../../machines/types.js';
import { withTimeout } from '../async/with-timeout.js';
import type { HelperClient } from '../client/helper-client.js';
import { toHelperError } from '../errors.js';
import { diagnosticLine } from '../protocol/diagnostic-line.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import { writeProgress } from '../stdio/write-progress.js';
import type { WatchCommand } from './arguments/parse-arguments.js';
import { isForPeople, openView } from './outputs/view-output.js';
import { watchedHelper } from './outputs/watched-helper.js';
import { exitCodes, type Terminal } from './terminal.js';
import { stdoutFailure } from './write-out.js';

export async function runWatch(
  { socketPath }: WatchCommand,
  { stdout, stderr, env, pid, stopSignal }: Terminal,
): Promise<number> {
  const { connect } = await import('../client/connect.js');
  const client = await connect(socketPath, { signal: stopSignal }).catch((error: unknown) => {
    if (!stopSignal.aborted) throw toHelperError(error);
  });
  if (client === undefined) return exitCodes.done;
  try {
    const isView = isForPeople({ stdin: stdout, stdout, stderr: stdout, env, pid });
    if (isView) await showClient(client, socketPath, { stdout, env, pid });
    else await writeProgress(linesOf(client), stdout);
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
  terminal: Pick<Terminal, 'stdout' | 'env' | 'pid'>,
): Promise<void> {
  const { version, pid: helperId } = client.facts;
  const watched = escapeForTerminal(
    `watching ${socketPath}: version ${version}, process ${helperId}`,
  );
  const view = await openView(terminal, { watched });
  for (const published of client.jobs.flatMap(publicationOf).slice(0, mostPublications)) {
    view.tell(diagnosticLine(published));
  }
  await view.show(watchedHelper(client));
  await withTimeout(100, view.end());
}

/** As the helper has told of it when it was published, unless it was not. */
function publicationOf(job: HelperClient['jobs'][number]): Diagnostic[] {
  const { id, file, state, torrentFile, infoHash, magnetUri } = job;
  const isKnown = torrentFile !== undefined && infoHash !== undefined && magnetUri !== undefined;
  if (id === undefined || state !== 'seeding' || !isKnown) return [];
  return [{ kind: 'published', id, file, torrentFile, infoHash, magnetUri }];
}

/** So many of what was published before are told, that their links may be copied. */
const mostPublications = 10;

/** What each job has said last, and all that they say from now on. */
async function* linesOf(client: HelperClient): AsyncGenerator<readonly Change[]> {
  const changes = client.changes();
  for (const { id, kind, file, state, percent } of client.jobs) {
    if (id === undefined || percent === undefined) continue;
    yield [{ type: 'progress', id, kind, file, state, percent, repeated: true }];
  }
  for await (const change of changes) yield [change];
}
