// The short way to a server, over real sockets.
import { createServer, type Server, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { DeadlinePassed } from '../../../../src/async/with-deadline.js';
import { PlainClient, type PlainTarget } from '../../../../src/http/plain/plain-client.js';
import { listenOn } from '../../../support/web/listen-on.js';

const ok = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/** A server that is handed each whole request of a connection, as text. */
async function scene(answer: (request: string, socket: Socket) => void) {
  const connections = new Set<Socket>();
  /** What came in each read. */
  const reads: string[] = [];
  const server: Server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      reads.push(`${data}`);
      for (const request of `${data}`.split(/(?<=\r\n\r\n)/)) answer(request, socket);
    });
  });
  const port = await listenOn(server);
  const client = new PlainClient({
    headers: { 'user-agent': 'test' },
    maxBodyBytes: 100,
    connectionsPerServer: 2,
  });
  onTestFinished(() => {
    client.close();
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const get = async (path: string, options: Partial<PlainTarget> = {}) => {
    const body = await client.get({
      ...{ origin: `http://tracker.test:${port}`, host: `tracker.test:${port}` },
      ...{ address: '127.0.0.1', port, path, timeoutMs: 10_000 },
      ...options,
    });
    return body && Buffer.from(body).toString();
  };
  return { client, get, port, reads, connections };
}

it('asks on one connection that is kept, one request after the other', async () => {
  const { get, port, reads, connections } = await scene((request, socket) =>
    socket.write(ok(request.slice(4, 6))),
  );
  expect([await get('/a'), await get('/b'), await get('/c')]).toEqual(['/a', '/b', '/c']);
  expect(connections.size).toBe(1);
  expect(reads[0]).toBe(
    `GET /a HTTP/1.1\r\nhost: tracker.test:${port}\r\nuser-agent: test\r\n\r\n`,
  );
});

it('opens so many connections to a server and no more: what is beyond them goes another way', async () => {
  const { get, connections } = await scene((request, socket) =>
    setImmediate(() => socket.write(ok(request.slice(4, 6)))),
  );
  const all = await Promise.all([get('/a'), get('/b'), get('/c')]);
  expect(all).toEqual(['/a', '/b', undefined]);
  expect(connections.size).toBe(2);
});

it('has nothing where the answer is not plain, and asks that server no more', async () => {
  const { get, reads } = await scene((_, socket) => socket.write('HTTP/1.1 404 No\r\n\r\n'));
  expect([await get('/a'), await get('/b')]).toEqual([undefined, undefined]);
  expect(reads).toHaveLength(1);
});

it('has nothing where the server hangs up, and asks it again all the same', async () => {
  const { get, connections } = await scene((request, socket) =>
    request.includes('/a') ? socket.destroy() : socket.write(ok('b')),
  );
  expect([await get('/a'), await get('/b')]).toEqual([undefined, 'b']);
  expect(connections.size).toBe(2);
});

it('takes nothing that nobody asked for', async () => {
  const { get } = await scene((_, socket) => socket.write(ok('a') + ok('poison')));
  expect(await get('/a')).toBe('a');
  expect(await get('/b')).toBeUndefined();
});

it('waits no longer than it may, and not for whoever gives up', async () => {
  const { get } = await scene((request, socket) => {
    if (request.includes('/late')) socket.write('HTTP/1.1 200 OK\r\n');
    else socket.write(ok('b'));
  });
  await expect(get('/late', { timeoutMs: 20 })).rejects.toBeInstanceOf(DeadlinePassed);
  const controller = new AbortController();
  const given = get('/late', { signal: controller.signal });
  controller.abort(new Error('no longer wanted'));
  await expect(given).rejects.toThrow('no longer wanted');
  expect(await get('/b')).toBe('b');
});

it('fails what is under way when it is closed', async () => {
  const { get, client } = await scene(() => client.close());
  expect(await get('/a')).toBeUndefined();
  expect(await get('/b')).toBeUndefined();
});

it('knows where a server has answered plainly, till it has not', async () => {
  const { get, client, port } = await scene((_, socket) => socket.write('nonsense\r\n\r\n'));
  const origin = `http://tracker.test:${port}`;
  client.learn(origin, '127.0.0.1');
  expect(client.addressOf(origin)).toBe('127.0.0.1');
  await get('/a');
  client.learn(origin, '127.0.0.1');
  expect(client.addressOf(origin)).toBeUndefined();
});
