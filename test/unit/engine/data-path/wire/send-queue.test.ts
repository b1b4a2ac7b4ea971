import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SendQueue } from '../../../../../src/engine/data-path/wire/send-queue.js';
import { listenOn } from '../../../../support/web/listen-on.js';

test('what is little goes out as one, in the order it was sent', async () => {
  const received: Buffer[] = [];
  const server = createServer((socket) => socket.on('data', (chunk) => received.push(chunk)));
  const socket = connect(await listenOn(server), '127.0.0.1');
  onTestFinished(() => void server.close());
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const writes = vi.spyOn(socket, 'write');
  const queue = new SendQueue(socket, () => {});
  for (const byte of [1, 2, 3]) queue.send(Buffer.of(byte));
  await new Promise<void>((resolve) => queue.onFlushed(resolve));
  expect(writes).toHaveBeenCalledTimes(1);
  await expect.poll(() => Buffer.concat(received)).toEqual(Buffer.of(1, 2, 3));
});
