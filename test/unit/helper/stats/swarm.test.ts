// What a swarm is made of, from the engine in its thread to the program that reads it.
import { expect, it } from 'vitest';
import type { JobSwarm, PeerMeasure, SwarmDetail } from '../../../../src/index.js';
import { file, helper } from '../../../support/helper/library-setup.js';
import { KiB, MiB } from '../../../support/sizes.js';

/** The first details that are so. */
async function firstOf(
  source: AsyncIterable<JobSwarm>,
  isWanted: (detail: SwarmDetail) => boolean,
): Promise<SwarmDetail> {
  for await (const { detail } of source) if (detail && isWanted(detail)) return detail;
  throw new Error('there was none');
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
const isFull = ({ pieces }: SwarmDetail) => sum(pieces.verified) === pieces.pieceCount;
const isMoving = ({ downBytesPerSecond, upBytesPerSecond }: PeerMeasure) =>
  downBytesPerSecond + upBytesPerSecond > 0;

it('shows both sides who is there and how fast it goes, and the pieces until all are there', async () => {
  const { path } = await file(MiB);
  const [seeder, leecher] = [await helper(), await helper({ down: 512 * KiB })];
  const seed = seeder.seed(path);
  const tooOften = 'the option everyMs of swarmChanges: expected a number';
  expect(() => seed.swarmChanges({ everyMs: 10 })).toThrow(tooOften);
  const { torrentFile } = await seed.published;
  const job = leecher.download(torrentFile);
  const gaveTo = firstOf(seed.swarmChanges({ everyMs: 100 }), ({ peers }) => peers.some(isMoving));
  const under = await firstOf(job.swarmChanges({ everyMs: 100 }), ({ peers }) =>
    peers.some(isMoving),
  );
  const [peer] = under.peers;
  expect(peer).toMatchObject({
    address: `127.0.0.1:${seeder.peerPort}`,
    client: 'bittorrent-helper',
    source: 'tracker',
    flags: expect.stringMatching(/^D/),
    pieces: under.pieces.pieceCount,
    bytesUp: 0,
  });
  expect(under.pieces).toMatchObject({ unavailable: 0, piecesPerPart: 1 });
  expect(new Set(under.pieces.copies)).toEqual(new Set([1]));
  const [tracker] = under.trackers;
  expect(tracker).toMatchObject({ url: seeder.announce[0]?.[0], state: 'working' });
  expect(tracker?.nextMs).toBeGreaterThan(tracker?.askedMs ?? Number.NaN);
  expect((await gaveTo).peers).toMatchObject([
    { source: 'incoming', flags: expect.stringMatching(/^U.*I/), bytesDown: 0 },
  ]);
  const full = await firstOf(job.swarmChanges({ everyMs: 100 }), isFull);
  expect(sum(full.pieces.underWay)).toBe(0);
  const read = job.swarmChanges({ everyMs: 100 })[Symbol.asyncIterator]();
  const isKnown = async () => (await read.next()).value?.detail !== undefined;
  while (!(await isKnown()));
  await job.pause();
  while (await isKnown());
  expect(job.state).toBe('paused');
});
