// The short way through a connection, over real sockets, with a whole server behind it.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { servePlainly } from '../../../../src/tracker/plain/serve-plainly.js';
import { listenOn } from '../../../support/web/listen-on.js';

/** Plain is one line; the server behind it answers with how many requests it has heard. */
async function scene({ idleMs = 60_000 } = {}) {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    heard.push(`${request.url}`);
    response.end(`whole ${heard.length}`);
  });
  const accepted: Socket[] = [];
  const [serve] = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    accepted.push(socket);
    servePlainly(socket, {
      idleMs,
      answer(chunk) {
        const text = `${chunk}`;
        if (text === 'cut\n') socket.destroy();
        return /^plain \d+\n$/.test(text) ? `short ${text}` : undefined;
      },
      handOver: () => void (serve && Reflect.apply(serve, server, [socket])),
    });
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const socket = connect(await listenOn(server), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let read = '';
  socket.on('data', (chunk) => {
    read += chunk;
  });
  await once(socket, 'connect');
  const says = async (text: string, ending: string) => {
    read = '';
    socket.write(text);
    while (!read.endsWith(ending)) await once(socket, 'data');
    return read;
  };
  return { socket, accepted, heard, says };
}

const whole = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

it('answers one plain request after the other', async () => {
  const { says, heard } = await scene();
  expect(await says('plain 1\n', '\n')).toBe('short plain 1\n');
  expect(await says('plain 2\n', '\n')).toBe('short plain 2\n');
  expect(heard).toEqual([]);
});

it('hands over for good what is not plain, be it whole or a part', async () => {
  const { says, socket, heard } = await scene();
  await says('plain 1\n', '\n');
  socket.write(whole('/a').slice(0, 9));
  expect(await says(whole('/a').slice(9), 'whole 1')).toMatch(/^HTTP\/1.1 200/);
  expect(await says(`${whole('/b')}${whole('/c')}`, 'whole 3')).toContain('whole 2');
  expect(heard).toEqual(['/a', '/b', '/c']);
});

it('ends a connection whose other end has said all', async () => {
  const { socket, says } = await scene();
  await says('plain 1\n', '\n');
  socket.end();
  await once(socket, 'end');
});

it('cuts off who asks nothing for long', async () => {
  const { socket } = await scene({ idleMs: 20 });
  await once(socket, 'close');
});

it('says nothing more where the connection was cut', async () => {
  const { socket, heard } = await scene();
  socket.on('error', () => {});
  socket.write('cut\n');
  await once(socket, 'close');
  expect(heard).toEqual([]);
});

it('is not harmed by who resets the connection', async () => {
  const { socket, accepted, says } = await scene();
  await says('plain 1\n', '\n');
  const [server] = accepted;
  const closed = new Promise((resolve) => server?.once('close', resolve));
  socket.resetAndDestroy();
  await closed;
  expect(server?.destroyed).toBe(true);
});
