// The numbers of jobs, from the engine in its thread to the program that reads them.
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import type { HelperOptions, JobStats } from '../../../../src/index.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { builtEngineUrl } from '../../../support/engine/built-engine-url.js';
import { file, helper } from '../../../support/helper/library-setup.js';
import { MiB } from '../../../support/sizes.js';

/** A download of what another helper publishes, under way. */
async function begunDownload({
  lengthBytes = 2 * MiB,
  ...options
}: HelperOptions & { lengthBytes?: number }) {
  const { path } = await file(lengthBytes);
  const [seeder, leecher] = [await helper(), await helper(options)];
  const seed = seeder.seed(path);
  const { torrentFile } = await seed.published;
  return { seeder, seed, leecher, job: leecher.download(torrentFile, { key: 'mine' }) };
}

/** The first that is so. */
async function firstOf<T>(source: AsyncIterable<T>, isWanted: (value: T) => boolean): Promise<T> {
  for await (const value of source) if (isWanted(value)) return value;
  throw new Error('there was none');
}

it('tell how a download gets on', async () => {
  const { leecher, job, seed } = await begunDownload({ down: 2 * MiB });
  expect(seed.stats).toMatchObject({ percent: 100, bytesTotal: 2 * MiB, bytesDone: 2 * MiB });
  const told: JobStats[] = [];
  for await (const stats of job.statsChanges({ everyMs: 100 })) {
    told.push(stats);
    if (stats.percent === 100) break;
  }
  expect(told[0]).toMatchObject({ id: 1, key: 'mine', bytesDown: 0, peers: 0, coalesced: 0 });
  const underWay = told.find(({ etaSeconds }) => etaSeconds !== undefined);
  expect(underWay).toMatchObject({ bytesTotal: 2 * MiB, peers: 1, seeds: 1 });
  const last = { percent: 100, bytesDone: 2 * MiB, bytesDown: 2 * MiB, bytesUp: 0, bytesWasted: 0 };
  expect(told.at(-1)).toMatchObject({ ...last, etaSeconds: undefined });
  expect(told.at(-1)?.downBytesPerSecond).toBeGreaterThan(0);
  expect(job.stats).toMatchObject(last);
  const sum = { jobs: 1, jobsByState: { seeding: 1 }, bytesTotal: 2 * MiB, bytesDone: 2 * MiB };
  expect(leecher.stats).toMatchObject({ ...sum, bytesDown: 2 * MiB });
  await job.remove();
  expect(leecher.stats).toMatchObject({ jobs: 0, bytesTotal: 0, bytesDown: 2 * MiB });
});

it('come of many jobs together, to those who ask for these', async () => {
  const { seeder, seed, leecher, job } = await begunDownload({ lengthBytes: 100_000 });
  const other = seeder.seed((await file()).path);
  await other.published;
  const all = seeder.statsChanges({ everyMs: 100, ids: [seed.id] });
  const told: JobStats[] = [];
  const gave = firstOf(all, (changed) => {
    told.push(...changed);
    return changed.some(({ bytesUp }) => bytesUp === 100_000);
  });
  const got = firstOf(leecher.statsChanges({ everyMs: 100 }), ([stats]) => stats?.percent === 100);
  expect((await got)[0]).toMatchObject({ id: job.id, key: 'mine', bytesDone: 100_000 });
  await gave;
  expect(new Set(told.map(({ id }) => id))).toEqual(new Set([seed.id]));
});

it('are measured for nobody who does not listen', async () => {
  const events: string[] = [];
  const note = ({ type, event }: { type: string; event?: { type: string } }) => {
    if (type === '@xstate.event' && event) events.push(event.type);
  };
  const { leecher, job } = await begunDownload({ inspect: note });
  await job.done;
  expect(events).toContain('swarm.completed');
  expect(events.filter((type) => type.endsWith('.measured'))).toEqual([]);
  expect(leecher.stats).toMatchObject({ bytesDone: 2 * MiB, bytesDown: 0 });
  const isThere = ({ bytesDown }: JobStats) => bytesDown > 0;
  const counted = await firstOf(job.statsChanges({ everyMs: 100 }), isThere);
  expect(counted.bytesDown).toBe(2 * MiB);
  expect(events.filter((type) => type === 'job.measured').length).toBeGreaterThan(0);
});

it('are silent while a job is paused, and count on when it is resumed', async () => {
  const { job } = await begunDownload({ down: MiB });
  await firstOf(job.statsChanges({ everyMs: 100 }), ({ bytesDone }) => bytesDone > 0);
  const numbers = job.statsChanges({ everyMs: 100 });
  const silent = firstOf(numbers, ({ peers, bytesDone }) => peers === 0 && bytesDone > 0);
  await job.pause();
  const paused = await silent;
  expect(paused).toMatchObject({ downBytesPerSecond: 0, seeds: 0, etaSeconds: undefined });
  const again = firstOf(job.statsChanges({ everyMs: 100 }), ({ peers }) => peers === 1);
  await job.resume();
  expect((await again).bytesDown).toBeGreaterThanOrEqual(paused.bytesDown);
  const last = await firstOf(job.statsChanges({ everyMs: 100 }), ({ percent }) => percent === 100);
  expect(last.bytesDone).toBe(2 * MiB);
  // What a pause left unfinished is fetched anew.
  expect(last.bytesDown - last.bytesWasted).toBe(2 * MiB);
});

it('count on after the engine has crashed', async () => {
  const name = randomUUID();
  const channel = new BroadcastChannel(name);
  onTestFinished(() => channel.close());
  const engineWorkerUrl = join(await scratchFolder(), 'faulty.cjs');
  const channelThere = `new (require('node:worker_threads').BroadcastChannel)('${name}')`;
  const fault = `${channelThere}.onmessage = () => { throw new Error('a fault'); };\n`;
  await writeFile(engineWorkerUrl, fault + (await readFile(builtEngineUrl ?? '', 'utf8')));
  const { job } = await begunDownload({ down: MiB, engineWorkerUrl });
  const numbers = job.statsChanges({ everyMs: 100 });
  const before = await firstOf(numbers, ({ bytesDone }) => bytesDone > 0);
  channel.postMessage('now');
  const after = job.statsChanges({ everyMs: 100 });
  const states: string[] = [];
  const last = await firstOf(after, ({ percent }) => {
    states.push(job.state);
    return percent === 100;
  });
  expect(states).toContain('recovering');
  expect(last.bytesDown).toBeGreaterThan(before.bytesDown);
  expect(last.bytesDown).toBeGreaterThanOrEqual(2 * MiB);
});

it('are refused at a pace, and of jobs, that cannot be', async () => {
  const { job, leecher } = await begunDownload({ lengthBytes: 1_000 });
  const wrong = expect.objectContaining({ name: 'HelperError', code: 'OPTION_INVALID' });
  for (const everyMs of [99, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
    expect(() => job.statsChanges({ everyMs })).toThrow(wrong);
    expect(() => leecher.statsChanges({ everyMs })).toThrow(wrong);
  }
  for (const ids of [[0.5], ['1'], 1]) {
    // @ts-expect-error: as a program without types might.
    expect(() => leecher.statsChanges({ ids })).toThrow(wrong);
  }
  // @ts-expect-error: it is of one job.
  expect(() => job.statsChanges({ ids: [1] })).toThrow(wrong);
});
