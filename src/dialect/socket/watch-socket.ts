// The dialect over a socket, for any who watch: each speaks for itself, and whatever it does is no affair of the others.
import { createServer, type Server, type Socket } from 'node:net';
import { platform } from 'node:os';
import { HelperError, systemCode } from '../../errors.js';
import { dialectLimits, watcherLimits } from '../../limits.js';
import { readLines } from '../../stdio/read-lines.js';
import { type Dialect, type DialectParts, openDialect } from '../dialect.js';
import { faultOf } from '../wire/faults.js';
import { faultLine } from '../wire/write-message.js';
import { type ClaimedPath, listenAt, listening, socketBusy } from './claim-socket-path.js';

export interface WatchSocket {
  /** Lets those in who have connected, and who will. `shared`: the dialect of the helper, if one is open. */
  serve(parts: DialectParts, shared?: Dialect): void;
  /** Hangs up on all. Never rejects. */
  close(): Promise<void>;
}

export interface WatchSocketOptions {
  readonly path: string;
  /** Whether those who connect may change what the helper does. */
  readonly hasControl: boolean;
}

/** Listens. Rejects with SOCKET_BUSY or SOCKET_UNUSABLE. */
export async function openWatchSocket({
  path,
  hasControl,
}: WatchSocketOptions): Promise<WatchSocket> {
  const sockets = new Set<Socket>();
  let dialect: Dialect | undefined;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // Of what it says of itself, that it has gone is all that counts.
    socket.on('error', () => {});
    if (sockets.size >= watcherLimits.connections) {
      turnAway(socket);
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (dialect) void talk(dialect, socket, hasControl);
  });
  // Those that are turned away are let in first, to be told why.
  server.maxConnections = 2 * watcherLimits.connections;
  const isPipe = platform() === 'win32';
  const claimed = await (isPipe ? listenOnPipe(server, path) : listenAt(server, path));
  server.on('error', () => {});
  return {
    serve(parts, shared = openDialect(parts)) {
      dialect = shared;
      for (const socket of sockets) void talk(shared, socket, hasControl);
    },
    async close() {
      await claimed.release();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A named pipe of Windows lies in no folder, and goes with its process. */
async function listenOnPipe(server: Server, path: string): Promise<ClaimedPath> {
  const unusable = (why: string, cause?: unknown) =>
    new HelperError('SOCKET_UNUSABLE', `--socket ${path}: ${why}`, { cause });
  if (!/^\\\\[.?]\\pipe\\./.test(path)) {
    throw unusable('expected a named pipe, such as \\\\.\\pipe\\bittorrent-helper');
  }
  try {
    await listening(server, path);
  } catch (error) {
    throw systemCode(error) === 'EADDRINUSE' ? socketBusy(path) : unusable(String(error), error);
  }
  return { release: async () => {} };
}

async function talk(dialect: Dialect, socket: Socket, mayControl: boolean): Promise<void> {
  const connection = dialect.connect({ output: socket, mayControl, isWatcher: true });
  try {
    // Who has said all may still read.
    const input = socket.iterator({ destroyOnReturn: false });
    for await (const line of readLines(input, dialectLimits.lineBytes)) {
      if (line.kind !== 'unsupported') await connection.take(line);
    }
    // It has said all it wanted to, and waits for the answers.
    await connection.finished();
    socket.end();
  } catch {
    socket.destroy();
  }
}

/** In a line that says why. */
function turnAway(socket: Socket): void {
  const error = new HelperError(
    'REFUSED',
    `${watcherLimits.connections} watchers are connected already, and no more are let in`,
  );
  socket.end(faultLine(null, faultOf(error)));
  socket.resume();
  socket.setTimeout(watcherLimits.partingMs, () => socket.destroy());
}
