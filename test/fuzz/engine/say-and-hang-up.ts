// One hostile connection: says everything it has to say, and hangs up once it was answered or a moment has passed.
import { connect, type Socket } from 'node:net';

const answerMs = 15;
const closedMs = 3_000;

/** Dials `port` on loopback. Errors of the connection are part of the game. */
export function dial(port: number): Socket {
  return connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => {});
}

/**
 * Resolves when the connection is closed, or half a moment after it should have been: then it is cut.
 *
 * @param lingerMs how long to stay after the first answer
 */
export async function sayAndHangUp(
  socket: Socket,
  chunks: readonly Uint8Array[],
  lingerMs = 0,
): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', resolve));
  const answered = new Promise<void>((resolve) => socket.once('data', () => resolve()));
  for (const chunk of chunks) {
    if (!socket.writable) break;
    socket.write(chunk);
    if (chunks.length > 1) await turn();
  }
  await within(answerMs, Promise.race([answered, closed]));
  socket.resume();
  if (lingerMs > 0) await within(lingerMs, closed);
  socket.end();
  await within(closedMs, closed);
  socket.destroy();
}

/** Resolves when `task` does, or after `timeMs`. */
export async function within(timeMs: number, task: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeMs);
  });
  await Promise.race([task, timeout]);
  clearTimeout(timer);
}

/** Lets the other side, which is on this very thread, read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
