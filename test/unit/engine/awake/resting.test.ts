// Torrents that nobody asks for, in real engines: what is there for connections is not there for them.
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { RestTimer } from '../../../../src/engine/awake/rest-timer.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import {
  download,
  engine,
  eventually,
  type Joined,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { expectContent } from '../../../support/torrents/sample-on-disk.js';
import { startFakeTracker } from '../../../support/trackers/story-trackers.js';

/** It looks so often that a test need not wait. */
const quick = () => new RestTimer(10);
/** It never looks. */
const patient = () => new RestTimer(2 ** 30);

/** What is left of the heap when all garbage has been collected. */
async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('V8 does not collect when it is told to');
  for (let nth = 0; nth < 3; nth++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

const handshakeFor = (infoHash: string) =>
  Buffer.concat([
    Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05', 'latin1'),
    Buffer.from(infoHash, 'hex'),
    Buffer.from('-XX0000-0123456789ab'),
  ]);

describe('a complete torrent', () => {
  test('is at rest from the start, announced or not', async () => {
    const timer = patient();
    const from = await engine({}, undefined, timer);
    const tracker = await startFakeTracker();
    for (let nth = 0; nth < 5; nth++) {
      const content = await sample({ lengthBytes: 50_000 + nth });
      const joined = seed(from, content, { trackers: [[tracker.announceUrl]] });
      await joined.until('swarm.announced');
      await joined.until('swarm.completed');
    }
    expect(timer.size).toBe(0);
  });

  test('wakes for whoever asks for its info hash, and for no other', async () => {
    const timer = patient();
    const from = await engine({}, undefined, timer);
    const [asked, other] = [await sample(), await sample({ lengthBytes: 70_000 })];
    for (const each of [asked, other]) await seed(from, each).until('swarm.completed');
    const stranger = connect(from.peerPort, '127.0.0.1');
    const isHungUp = new Promise((resolve) =>
      stranger.on('error', () => {}).once('close', resolve),
    );
    stranger.write(handshakeFor('b'.repeat(40)));
    await isHungUp;
    expect(timer.size).toBe(0);
    const peer = connect(from.peerPort, '127.0.0.1');
    const answer = new Promise<Buffer>((resolve) => peer.once('data', resolve));
    peer.write(handshakeFor(asked.metainfo.infoHash));
    expect((await answer).subarray(28, 48).toString('hex')).toBe(asked.metainfo.infoHash);
    expect(timer.size).toBe(1);
    peer.destroy();
  });

  test('rests again when the last peer has gone, and serves the next one', async () => {
    const timer = quick();
    const content = await sample();
    const from = await engine({}, undefined, timer);
    const seeded = seed(from, content);
    for (let nth = 0; nth < 3; nth++) {
      const got = await download(await engine(), content, [from]);
      await got.until('swarm.completed');
      await expectContent(content, got.contentPath);
      await got.swarm.leave();
      await eventually(() => timer.size).toBe(0);
    }
    await seeded.swarm.leave();
    expect(seeded.events.map(({ type }) => type)).toEqual([
      'swarm.joined',
      'swarm.checked',
      'swarm.completed',
    ]);
  });

  test('rests where it was downloaded, and is served from there', async () => {
    const timer = quick();
    const content = await sample();
    const [first, middle] = [await engine(), await engine({}, undefined, timer)];
    const seeded = seed(first, content);
    await (await download(middle, content, [first])).until('swarm.completed');
    await seeded.swarm.leave();
    await eventually(() => timer.size).toBe(0);
    const got = await download(await engine(), content, [middle]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  });

  test('tells its trackers what it has given since it was joined, however often it rested', async () => {
    const timer = quick();
    const content = await sample();
    const tracker = await startFakeTracker();
    const from = await engine({}, undefined, timer);
    const seeded = seed(from, content, { trackers: [[tracker.announceUrl]] });
    for (let nth = 0; nth < 2; nth++) {
      const got = await download(await engine(), content, [from]);
      await got.until('swarm.completed');
      await got.swarm.leave();
      await eventually(() => timer.size).toBe(0);
    }
    await seeded.swarm.leave();
    const last = tracker.announces.at(-1);
    expect(last?.event).toBe('stopped');
    expect(last?.uploadedBytes).toBeGreaterThanOrEqual(2 * content.bytes.length);
  });
});

describe('two hundred seeds that nobody asks for', () => {
  test('take less than 12 KiB of heap each, and none of it when they are left', async () => {
    const count = 200;
    const from = await engine();
    const content = await sample({ lengthBytes: 40_000 });
    const joinAll = () =>
      Promise.all(
        Array.from({ length: count }, async (_, nth) => {
          const infoHash = nth.toString(16).padStart(40, '0');
          const metainfo = new Metainfo({ ...content.metainfo, infoHash });
          const joined = seed(from, { ...content, metainfo });
          await joined.until('swarm.completed');
          return joined;
        }),
      );
    const leaveAll = (all: readonly Joined[]) => Promise.all(all.map(({ swarm }) => swarm.leave()));
    await leaveAll(await joinAll());
    const before = await heapBytes();
    const all = await joinAll();
    const each = ((await heapBytes()) - before) / count;
    expect(each).toBeGreaterThan(0);
    expect(each).toBeLessThan(12 * 1024);
    await leaveAll(all.splice(0));
    expect((await heapBytes()) - before).toBeLessThan((count * each) / 2);
  });
});

describe('a download', () => {
  test('is at rest as long as nobody is known, and wakes for the first peer', async () => {
    const timer = quick();
    const content = await sample();
    const [from, to] = [await engine(), await engine({}, undefined, timer)];
    const got = await download(to, content, []);
    await got.until('swarm.checked');
    expect(timer.size).toBe(0);
    seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  });

  test('that is not complete does not rest, whoever has gone', async () => {
    const timer = quick();
    const content = await sample();
    const to = await engine({}, undefined, timer);
    const got = await download(to, content, []);
    await got.until('swarm.checked');
    const peer = connect(to.peerPort, '127.0.0.1');
    const answer = new Promise((resolve) => peer.once('data', resolve));
    peer.write(handshakeFor(content.metainfo.infoHash));
    await answer;
    peer.destroy();
    const looked = {
      looks: 0,
      get isIdle() {
        this.looks += 1;
        return false;
      },
      rest() {},
    };
    timer.woke(looked);
    await eventually(() => looked.looks).toBeGreaterThan(20);
    expect(timer.size).toBe(2);
    timer.left(looked);
  });
});
