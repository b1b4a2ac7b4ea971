// The short way through a connection, for as long as each read of it is one request that is answered at once: of HTTP most is
// spent on what no announce needs. With anything else it is handed over for good, to a server that knows the rest.
import type { Socket } from 'node:net';

export interface PlainOptions {
  /** Who asks nothing for so long is cut off. */
  readonly idleMs: number;
  /** One character a byte. Undefined: it is not plain, unless the socket is destroyed. */
  readonly answer: (chunk: Buffer) => string | undefined;
  readonly handOver: () => void;
}

/** `socket`: one that was just accepted, and stays open when the other end has said all (`allowHalfOpen`). */
export function servePlainly(socket: Socket, { idleMs, answer, handOver }: PlainOptions): void {
  const onIdle = () => void socket.destroy();
  const onEnd = () => void socket.end();
  const onData = (chunk: Buffer) => {
    // Whoever has not read the last answer is not to be answered faster.
    const text = socket.writableLength === 0 ? answer(chunk) : undefined;
    if (socket.destroyed) return;
    if (text !== undefined) {
      socket.write(text, 'latin1');
      return;
    }
    socket.off('data', onData).off('end', onEnd).setTimeout(0, onIdle);
    socket.pause().unshift(chunk);
    handOver();
    socket.resume();
  };
  socket.on('error', () => {});
  socket.on('data', onData).on('end', onEnd).setTimeout(idleMs, onIdle);
}
