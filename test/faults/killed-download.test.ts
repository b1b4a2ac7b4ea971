// A download whose helper is killed again and again, at random moments, and started again with the same words, or with a
// session and none: nothing that was said is taken back, and in the end the bytes are those of the source.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { publish } from '../support/helper/publish.js';
import { freePort } from '../support/processes/free-port.js';
import type { Random } from '../support/random.js';
import { MiB } from '../support/sizes.js';
import { randomMoments, rounds } from './random-moments.js';

/** Long enough that a life ends in the middle, short enough that a few lives complete it. */
const contentBytes = 4 * MiB;
const upBytesPerSecond = 2 * MiB;
const atOnce = 2;
const testMs = 30_000 + rounds * 3_000;

let folder: string;
let torrentFile: string;
let sourceHash: string;

beforeEach(async () => {
  folder = await scratchFolder();
  const path = await writeRandom(join(folder, 'source/x.bin'), contentBytes);
  sourceHash = await hashOf(path);
  const up = ['--up', `${upBytesPerSecond}`];
  ({ torrentFile } = await publish(join(folder, 'source'), 'x.bin', up));
});

interface Way {
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** Whether a session brings the job back, rather than the same instruction. */
  readonly hasSession: boolean;
}

/** One download and all its lives. */
interface Download {
  readonly args: readonly string[];
  readonly copy: string;
  lives: number;
  /** The most that was ever said. */
  percent: number;
}

interface Figures {
  stops: number;
  inTheMiddle: number;
  downloads: number;
}

async function beginDownload(name: string, { hasSession }: Way): Promise<Download> {
  const copy = join(folder, name);
  const dirs = ['--download-dir', copy, '--state-dir', `${copy}-state`];
  const args = [...dirs, '--no-dht', '--tracker-port', `${await freePort()}`];
  if (hasSession) args.push('--session', 'faults');
  return { args, copy, lives: 0, percent: -1 };
}

/** Starts the helper as it was before; with a session only the first life is told what to do. */
function revive(download: Download, { hasSession }: Way): HelperProcess {
  const helper = start(download.args, { cwd: folder });
  if (download.lives === 0 || !hasSession) helper.write(`torrent:${torrentFile}`);
  download.lives += 1;
  return helper;
}

/** Nothing that an earlier life said is taken back. */
function checkLines(download: Download, helper: HelperProcess): void {
  const percents = helper.percents(1);
  expect(percents).toHaveLength(helper.stdout.length);
  expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  expect(percents[0] ?? -1).toBe(-1);
  expect(percents[1] ?? 100).toBeGreaterThanOrEqual(download.percent);
  expect(helper.stderr.filter((line) => /: failed: |INTERNAL/.test(line))).toEqual([]);
  download.percent = Math.max(download.percent, ...percents);
}

async function stopInTheMiddle(
  download: Download,
  way: Way,
  { between, chance }: Random,
): Promise<boolean> {
  const isEarly = download.lives > 0 && chance(0.2);
  const helper = revive(download, way);
  if (!isEarly) await helper.line('1:x.bin:-1');
  await delay(between(0, 500));
  helper.kill(way.signal);
  await helper.exit();
  checkLines(download, helper);
  const last = helper.percents(1).at(-1) ?? -1;
  return last >= 0 && last < 100;
}

/** Downloads over and over, until enough of the lives have been cut short. */
async function downloadOverAndOver(
  nth: number,
  way: Way,
  random: Random,
  figures: Figures,
  mostStops: number,
): Promise<void> {
  while (figures.stops < mostStops) {
    figures.downloads += 1;
    const download = await beginDownload(`copy-${nth}-${figures.downloads}`, way);
    while (download.percent < 100 && figures.stops < mostStops) {
      figures.stops += 1;
      if (await stopInTheMiddle(download, way, random)) figures.inTheMiddle += 1;
    }
    const last = revive(download, way);
    await last.line('1:x.bin:100');
    checkLines(download, last);
    expect(await hashOf(join(download.copy, 'x.bin'))).toBe(sourceHash);
    last.kill('SIGKILL');
    await last.exit();
  }
}

async function tellStory(context: TestContext, way: Way, mostStops: number): Promise<void> {
  const random = await randomMoments(context);
  const figures = { stops: 0, inTheMiddle: 0, downloads: 0 };
  await Promise.all(
    Array.from({ length: atOnce }, (_, nth) =>
      downloadOverAndOver(nth, way, random, figures, mostStops),
    ),
  );
  await context.annotate(JSON.stringify(figures));
  expect(figures.inTheMiddle).toBeGreaterThan(0);
}

describe('a download that is killed at random moments', { timeout: testMs }, () => {
  it('goes on where it was when it is asked for again, and loses no byte', (context) =>
    tellStory(context, { signal: 'SIGKILL', hasSession: false }, rounds));

  it('comes back with its session, and loses no byte', (context) =>
    tellStory(context, { signal: 'SIGKILL', hasSession: true }, rounds));
});

describe('a download that is stopped at random moments', { timeout: testMs }, () => {
  it('goes on where it was when it is asked for again', (context) =>
    tellStory(context, { signal: 'SIGTERM', hasSession: false }, Math.ceil(rounds / 2)));
});
