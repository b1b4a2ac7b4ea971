// What engines measure of torrents that move real bytes.
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { SwarmMeasure } from '../../../../machines/types.js';
import { TransferTotals } from '../../../../src/engine/measuring/transfer-totals.js';
import {
  download,
  engine,
  eventually,
  type Joined,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { hostileSeeder } from '../../../support/peers/hostile-seeder.js';
import { blockOf, handshake, message } from '../../../support/peers/wire-messages.js';

const KiB = 2 ** 10;

function measures({ events }: Pick<Joined, 'events'>): readonly SwarmMeasure[] {
  return events.flatMap((event) => (event.type === 'swarm.measured' ? [event.measure] : []));
}

const latest = (joined: Pick<Joined, 'events'>) => measures(joined).at(-1);

it('tells both sides of what went over, who is there, and what it takes until all is', async () => {
  const content = await sample({ lengthBytes: 600 * KiB });
  const [from, to] = [await engine(), await engine({ downBytesPerSecond: 400 * KiB })];
  const { infoHash } = content.metainfo;
  from.watch(infoHash, 100);
  to.watch(infoHash, 100);
  const giving = seed(from, content);
  const getting = await download(to, content, [from]);
  await getting.until('swarm.completed');
  const down = { bytesDone: 600 * KiB, bytesDown: 600 * KiB, bytesUp: 0, bytesWasted: 0 };
  await eventually(() => latest(getting)).toMatchObject(down);
  const up = { bytesDone: 600 * KiB, bytesDown: 0, bytesUp: 600 * KiB, bytesWasted: 0 };
  await eventually(() => latest(giving)).toMatchObject(up);
  const underWay = measures(getting).filter(({ etaSeconds }) => etaSeconds !== undefined);
  expect(underWay[0]).toMatchObject({ peers: 1, seeds: 1 });
  expect(measures(giving).some(({ peers, seeds }) => peers === 1 && seeds === 0)).toBe(true);
  for (const each of underWay) expect(each.downBytesPerSecond).toBeGreaterThan(0);
  // Both have everything, and so nothing to say to each other.
  const gone = { peers: 0, seeds: 0, etaSeconds: undefined };
  await eventually(() => latest(getting)).toMatchObject(gone);
});

it('tells nothing while nobody listens, but has counted when somebody does', async () => {
  const content = await sample();
  const [from, to] = [await engine(), await engine()];
  const giving = seed(from, content);
  const getting = await download(to, content, [from]);
  await getting.until('swarm.completed');
  expect([...measures(giving), ...measures(getting)]).toEqual([]);
  to.watch(content.metainfo.infoHash, 100);
  expect(latest(getting)).toMatchObject({ bytesDown: content.bytes.length, bytesUp: 0 });
});

it('counts what was bad as wasted', async () => {
  const content = await sample({ lengthBytes: 128 * KiB, pieceLengthBytes: 64 * KiB });
  const bad = await hostileSeeder(content, (asked, good) =>
    blockOf(asked, asked.index === 0 ? Buffer.alloc(good.length, 1) : good),
  );
  const to = await engine();
  to.watch(content.metainfo.infoHash, 100);
  const getting = await download(to, content, [bad.port]);
  await eventually(() => latest(getting)?.bytesWasted).toBe(64 * KiB);
});

it('counts what nobody asked for as having come, and as wasted', async () => {
  const content = await sample();
  const to = await engine();
  to.watch(content.metainfo.infoHash, 100);
  const giving = seed(to, content);
  await giving.until('swarm.joined');
  const socket = connect(to.peerPort, '127.0.0.1').on('error', () => {});
  socket.write(handshake(content.metainfo.infoHash));
  socket.write(blockOf({ index: 0, offset: 0 }, Buffer.alloc(10 * KiB)));
  socket.write(message(2));
  await eventually(() => latest(giving)).toMatchObject({
    ...{ bytesDown: 10 * KiB, bytesWasted: 10 * KiB, peers: 1, seeds: 0 },
  });
  socket.destroy();
  await eventually(() => latest(giving)?.peers).toBe(0);
});

it('counts on where it is given what was counted before, and what a stay left unfinished as wasted', async () => {
  const content = await sample({ lengthBytes: 256 * KiB, pieceLengthBytes: 128 * KiB });
  let left = 3;
  const stopping = await hostileSeeder(content, (asked, good) => {
    left -= 1;
    return left >= 0 ? blockOf(asked, good) : undefined;
  });
  const [from, to] = [await engine(), await engine()];
  const totals = new Float64Array(new SharedArrayBuffer(24));
  const counted = new TransferTotals(totals);
  const first = await download(to, content, [stopping.port], { totals });
  await eventually(() => counted.downBytes).toBe(48 * KiB);
  await first.swarm.leave();
  await to.left(content.metainfo.infoHash);
  expect(counted.wastedBytes).toBe(48 * KiB);
  seed(from, content);
  const { contentPath } = first;
  const second = await download(to, content, [from], { totals, contentPath });
  await second.until('swarm.completed');
  expect(counted.downBytes).toBe(256 * KiB + 48 * KiB);
  to.watch(content.metainfo.infoHash, 100);
  expect(latest(second)).toMatchObject({ bytesDown: 304 * KiB, bytesWasted: 48 * KiB });
});
