import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HelperError } from '../../../src/errors.js';
import {
  openTrackerPorts,
  type PortChoice,
  type TrackerPorts,
} from '../../../src/tracker/open-tracker-ports.js';
import { freePort } from '../../support/processes/free-port.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function openBoth(choice: PortChoice, listen = '127.0.0.1'): Promise<TrackerPorts> {
  const ports = await openTrackerPorts(listen, choice, (_, response) => response.end(), {
    requestMs: 1_000,
  });
  const { http, udp, port } = ports;
  cleanups.push(
    () => http.close(),
    () => udp.close(),
  );
  expect(http.address()).toMatchObject({ address: listen, port });
  expect(udp.address()).toMatchObject({ address: listen, port });
  return ports;
}

async function open(choice: PortChoice, listen?: string): Promise<number> {
  return (await openBoth(choice, listen)).port;
}

async function takeTcp(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function takeUdp(): Promise<number> {
  // What systems give out for UDP, another test may be given for TCP.
  const port = await freePort();
  const socket = createSocket({ type: 'udp4', reuseAddr: true }).bind(port, '127.0.0.1');
  cleanups.push(() => socket.close());
  await once(socket, 'listening');
  return port;
}

async function refusal(choice: PortChoice, listen?: string): Promise<HelperError> {
  const thrown: unknown = await open(choice, listen).catch((error: unknown) => error);
  if (!(thrown instanceof HelperError)) throw new Error('it was not refused');
  return thrown;
}

test('TCP and UDP get the same port', async () => {
  expect(await open({ asked: 0 })).toBeGreaterThan(0);
});

test.each([
  ['TCP', takeTcp],
  ['UDP', takeUdp],
])('a port asked for that is taken by %s only is an error that names it', async (_, take) => {
  const port = await take();
  const error = await refusal({ asked: port });
  expect(error.code).toBe('PORT_TAKEN');
  expect(error.message).toContain(String(port));
});

test.each([
  ['TCP', takeTcp],
  ['UDP', takeUdp],
])('a port to start from that is taken by %s only is passed over', async (_, take) => {
  const port = await take();
  expect(await open({ from: port })).toBeGreaterThan(port);
});

test('a port that was found taken is left as it was', async () => {
  const port = await takeUdp();
  await refusal({ asked: port });
  const server = createServer().listen(port, '127.0.0.1');
  cleanups.push(() => server.close());
  await once(server, 'listening');
});

test('past the last port there is, the system chooses', async () => {
  expect(await open({ from: 65_536 })).toBeGreaterThan(0);
});

test('an address that is not this machine’s is an error that names it, whatever the port', async () => {
  const error = await refusal({ from: 6_969 }, '203.0.113.9');
  expect(error.code).toBe('PORT_TAKEN');
  expect(error.message).toContain('203.0.113.9');
});

test('what goes wrong with a socket later, such as too many open files, stops nothing', async () => {
  const { http, udp } = await openBoth({ asked: 0 });
  for (const socket of [http, udp]) {
    expect(() => socket.emit('error', new Error('EMFILE'))).not.toThrow();
    expect(() => socket.emit('error', new Error('EMFILE again'))).not.toThrow();
  }
});
