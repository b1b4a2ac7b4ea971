import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { openTrackerPorts } from '../../../src/tracker/open-tracker-ports.js';
import { HttpConnections } from '../../../src/tracker/senders/http-connections.js';
import { RequestBudget } from '../../../src/tracker/senders/request-budget.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** As patient as can be, unless told how much may be asked at once. */
function newConnections(
  connections: number,
  connectionsPerAddress: number,
  requestsAtOnce = 1_000,
): HttpConnections {
  return new HttpConnections({
    connections,
    connectionsPerAddress,
    isOwnAddress: (address) => address.startsWith('127.'),
    budget: new RequestBudget({ requestsAtOnce, requestsPerSecond: 1 }),
    nowMs: () => 0,
  });
}

/** As many as addresses, each of which it comes from. */
function accept(connections: HttpConnections, ...addresses: readonly string[]): readonly Socket[] {
  return addresses.map((address) => {
    const socket = new Socket();
    vi.spyOn(socket, 'remoteAddress', 'get').mockReturnValue(address);
    connections.add(socket);
    return socket;
  });
}

const stillOpen = (sockets: readonly Socket[]) => sockets.map(({ destroyed }) => !destroyed);

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:1::1', '2001:db8:1:1::2'],
])(
  'of one address (%s, %s) the connection that is idle longest makes room for the next',
  (a, b) => {
    const connections = newConnections(100, 2);
    const sockets = accept(connections, '192.0.2.9', a, b, a);
    expect(stillOpen(sockets)).toEqual([true, false, true, true]);
    expect(connections.size).toBe(3);
  },
);

test('a connection over which something was asked is idle from then on', () => {
  const connections = newConnections(100, 2);
  const [first, second] = accept(connections, '192.0.2.1', '192.0.2.1');
  if (first) connections.asks(first);
  accept(connections, '192.0.2.1');
  expect([first?.destroyed, second?.destroyed]).toEqual([false, true]);
});

test('this machine has as many connections as there are', () => {
  const connections = newConnections(5, 2);
  const sockets = accept(connections, '127.0.0.1', '127.0.0.1', '127.0.0.2', '127.0.0.1');
  expect(stillOpen(sockets)).toEqual([true, true, true, true]);
});

test.each(['192.0.2.1', '127.0.0.1'])('when full, whoever has most (%s) makes room', (address) => {
  const connections = newConnections(5, 4);
  const [honest] = accept(connections, '192.0.2.9');
  const many = accept(connections, address, address, address, address);
  const [newcomer] = accept(connections, '192.0.2.8');
  expect([honest?.destroyed, newcomer?.destroyed]).toEqual([false, false]);
  expect(stillOpen(many)).toEqual([false, true, true, true]);
});

test('when full of such as have one each, the one that came first makes room', () => {
  const connections = newConnections(3, 4);
  const sockets = accept(connections, '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4');
  expect(stillOpen(sockets)).toEqual([false, true, true, true]);
});

test('a connection that is closed counts no more', async () => {
  const connections = newConnections(2, 2);
  const [first, second] = accept(connections, '192.0.2.1', '192.0.2.1');
  first?.destroy();
  if (first) await once(first, 'close');
  expect(connections.size).toBe(1);
  accept(connections, '192.0.2.1');
  expect(second?.destroyed).toBe(false);
});

test('one that is gone before anybody knows whose it is is none', () => {
  const connections = newConnections(2, 2);
  const socket = new Socket();
  connections.add(socket);
  expect([socket.destroyed, connections.size]).toEqual([true, 0]);
});

test('who asks again before it has an answer is cut off, unless it is on this machine', async () => {
  const connections = newConnections(10, 10);
  const [stranger, own] = accept(connections, '192.0.2.1', '127.0.0.1');
  const ask = () => [stranger, own].map((socket) => socket && connections.asks(socket));
  expect(ask()).toEqual([true, true]);
  await nextTurn();
  expect(ask()).toEqual([true, true]);
  expect(ask()).toEqual([false, true]);
  expect([stranger?.destroyed, own?.destroyed]).toEqual([true, false]);
});

test('an address that asks too much is cut off, and its next connection too', async () => {
  const connections = newConnections(10, 10, 2);
  const [first, second, other] = accept(connections, '192.0.2.1', '192.0.2.1', '192.0.2.2');
  const answered = [];
  for (const socket of [first, first, second, other]) {
    answered.push(socket && connections.asks(socket));
    await nextTurn();
  }
  expect(answered).toEqual([true, false, false, true]);
  const next = accept(connections, '192.0.2.1', '192.0.2.2', '127.0.0.1');
  expect(stillOpen(next)).toEqual([false, true, true]);
});

test('a server that is full of idle connections answers whoever comes', async () => {
  const { http, udp, port } = await openTrackerPorts(
    '127.0.0.1',
    { asked: 0 },
    (_, response) => response.end('here'),
    { requestMs: 60_000, maxConnections: 20 },
  );
  cleanups.push(
    () => http.close(),
    () => http.closeAllConnections(),
    () => udp.close(),
  );
  const idle = Array.from({ length: 60 }, () => connect(port, '127.0.0.1'));
  for (const socket of idle) socket.on('error', () => {});
  cleanups.push(() => idle.forEach((socket) => void socket.destroy()));
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(await answer.text()).toBe('here');
});
