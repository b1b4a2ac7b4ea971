import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDeferred } from '../../../../src/async/deferred.js';
import type { Engine } from '../../../../src/engine/engine.js';
import {
  atTheEnd,
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { readMessages } from '../../../support/peers/read-messages.js';
import { bodyOf, extended, handshake, messageIds } from '../../../support/peers/wire-messages.js';
import { announceAnswer } from '../../../support/trackers/announce-answer.js';
import { httpTracker } from '../../../support/trackers/fake-trackers.js';
import { listenOn } from '../../../support/web/listen-on.js';

/** Dials as a peer that says it listens at `port`. Resolves when that has been heard. */
async function sayThatItListensAt(port: number, { peerPort }: Engine, infoHash: string) {
  const socket = connect(peerPort, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const hello = `d1:md6:ut_pexi1ee1:pi${port}ee`;
  socket.write(Buffer.concat([handshake(infoHash), extended(0, hello)]));
  await new Promise<void>((resolve) => {
    readMessages(socket, {
      onMessage(body) {
        if (body.subarray(0, 2).equals(bodyOf(messageIds.extended, '\0'))) resolve();
      },
    });
  });
  return socket;
}

/** Listens as a peer that never says anything, and counts who comes. */
async function silentPeer(): Promise<{
  readonly port: number;
  readonly sockets: readonly Socket[];
}> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
  const port = await listenOn(server);
  atTheEnd(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port, sockets };
}

/** Listens in the place of the peer at `peerPort`, and counts who comes. `gone`: the first one has. */
async function seederBehind(peerPort: number) {
  let count = 0;
  const { promise: gone, resolve } = createDeferred<void>();
  const server = createServer((socket) => {
    count += 1;
    const onwards = connect(peerPort, '127.0.0.1');
    for (const end of [socket, onwards]) end.on('error', () => {});
    socket.pipe(onwards).pipe(socket);
    socket.once('close', () => resolve());
  });
  atTheEnd(async () => void server.close());
  return { port: await listenOn(server), met: () => count, gone };
}

describe('a peer', () => {
  test('is dialled again where it has answered before, though another says that it listens there', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    const slow = seed(from, content, { upBytesPerSecond: 40_000 });
    const got = await download(to, content, [from]);
    await got.until('piece.verified');
    await sayThatItListensAt(from.peerPort, to, content.metainfo.infoHash);
    await slow.swarm.leave();
    seed(from, content);
    await got.until('swarm.completed');
  });

  test('that has everything is not met again by whoever has everything, too', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const { port, met, gone } = await seederBehind(from.peerPort);
    const other = await silentPeer();
    const tracker = await httpTracker(async (_, response) => {
      if (tracker.requests.length === 1) return response.end(announceAnswer([port]));
      // It is not met again merely because it has never gone.
      await gone;
      response.end(announceAnswer([port, other.port]));
    });
    const trackers = [[`${tracker.origin}/announce`]];
    await download(to, content, [], { trackers, reach: { kind: 'user' } });
    await eventually(() => other.sockets.length).toBe(1);
    expect(met()).toBe(1);
  });

  test('on this machine names others there', async () => {
    const content = await sample({ isPrivate: false });
    const to = await engine();
    const { infoHash } = content.metainfo;
    const got = await download(to, content, []);
    await got.until('swarm.checked');
    const teller = await sayThatItListensAt(1, to, infoHash);
    const named = await silentPeer();
    const compact = Buffer.from([127, 0, 0, 1, named.port >> 8, named.port & 0xff]).toString(
      'latin1',
    );
    teller.write(extended(2, `d5:added6:${compact}e`));
    await eventually(() => named.sockets.length).toBe(1);
  });
});
