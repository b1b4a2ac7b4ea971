// What is on record of a download lies: a bit of it is flipped, or the content was changed and its size and time are as they
// were. 100 is said of the right bytes alone; what was complete is never written.
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, rewriteInPlace, withBitFlipped } from '../support/disks/content-files.js';
import { isWhole } from '../support/disks/relocated-content.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import {
  downloadDirOf,
  failed,
  startDownloader,
  stopDownloader,
  warned,
} from '../support/helper/downloader.js';
import {
  type GrowingSwarm,
  pieceBytes,
  startGrowingSwarm,
} from '../support/peers/growing-swarm.js';
import type { Random } from '../support/random.js';
import { randomMoments } from './random-moments.js';

const pieceCount = 24;
const begin = [0, 1, 2, 3, 4];
/** With the last one, the file has its whole length. */
const beginAndEnd = [...begin, pieceCount - 1];
/** A crash is told from a change only so exactly, by time. */
const slackMs = 2_000;

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
});

const nameOf = ({ torrent }: GrowingSwarm) => torrent.metainfo.name;
const pathOf = (swarm: GrowingSwarm) => join(downloadDirOf(folder), nameOf(swarm));

function startSwarms(count: number): Promise<GrowingSwarm[]> {
  const files = [{ path: '', lengthBytes: pieceCount * pieceBytes }];
  const names = Array.from({ length: count }, (_, nth) => `x${nth}.bin`);
  return Promise.all(names.map((name) => startGrowingSwarm(folder, { name, files })));
}

/** A helper that is given them all, and waits until it has what they offer. */
async function download(swarms: readonly GrowingSwarm[], percent: number, ...args: string[]) {
  const sources = swarms.map(({ torrentFile }) => `torrent:${torrentFile}`);
  const helper = await startDownloader(folder, ...args, ...sources);
  for (const [nth, swarm] of swarms.entries()) {
    await helper.line(`${nth + 1}:${nameOf(swarm)}:${percent}`);
  }
  return helper;
}

async function expectCompletion(swarms: readonly GrowingSwarm[]): Promise<void> {
  for (const swarm of swarms) swarm.offerAll();
  const helper = await download(swarms, 100);
  for (const swarm of swarms) {
    const isRight = await isWhole(swarm.torrent, pathOf(swarm));
    expect([nameOf(swarm), isRight]).toEqual([nameOf(swarm), true]);
  }
  expect(helper.stderr.filter((line) => line.includes(': failed: '))).toEqual([]);
  await stopDownloader(helper);
}

/** In the second piece. */
const changeByte = (swarm: GrowingSwarm) =>
  rewriteInPlace(pathOf(swarm), (bytes) => withBitFlipped(bytes, 1.5 * pieceBytes));

const fields = ['pieces', 'sizeBytes', 'mtimeNs', 'ctimeNs', 'inode', 'checksum', 'pieces', ''];

/** Flips a bit of what is on record: of this field's value, or anywhere. */
async function flipBit(
  { torrent }: GrowingSwarm,
  kind: 'json' | 'journal',
  { below }: Random,
  field = '',
): Promise<void> {
  const resume = join(folder, 'state/resume');
  const { infoHash } = torrent.metainfo;
  const isIts = (each: string) => each.startsWith(infoHash) && each.endsWith(`.${kind}`);
  const record = join(resume, (await readdir(resume)).find(isIts) ?? 'none');
  const bytes = await readFile(record);
  const name = `"${field}": "`;
  const at = field === '' ? -1 : bytes.indexOf(name) + name.length;
  const [from, to] = at < name.length ? [0, bytes.length] : [at, bytes.indexOf('"', at)];
  await writeFile(record, withBitFlipped(bytes, from + below(to - from), below(7)));
}

describe('a record of which a bit is flipped', () => {
  it('costs an unfinished download nothing but reading, wherever the bit is', async (context) => {
    const random = await randomMoments(context);
    const swarms = await startSwarms(3 * fields.length);
    for (const swarm of swarms) swarm.offer(beginAndEnd);
    await stopDownloader(await download(swarms, 25));
    for (const [nth, swarm] of swarms.entries()) {
      await flipBit(swarm, 'json', random, fields[nth % fields.length]);
    }
    await expectCompletion(swarms);
  });

  it('costs a killed download nothing but reading, if it is the journal', async (context) => {
    const random = await randomMoments(context);
    const swarms = await startSwarms(12);
    for (const swarm of swarms) swarm.offer(beginAndEnd);
    await stopDownloader(await download(swarms, 25), 'SIGKILL');
    for (const swarm of swarms) await flipBit(swarm, 'journal', random);
    await expectCompletion(swarms);
  });

  it('has no complete file passed off as good that was changed as well', async (context) => {
    const random = await randomMoments(context);
    const swarms = await startSwarms(fields.length);
    for (const swarm of swarms) swarm.offerAll();
    await stopDownloader(await download(swarms, 100));
    for (const [nth, swarm] of swarms.entries()) {
      await flipBit(swarm, 'json', random, fields[nth]);
      await changeByte(swarm);
    }
    const changed = await Promise.all(swarms.map((swarm) => hashOf(pathOf(swarm))));
    const sources = swarms.map(({ torrentFile }) => `torrent:${torrentFile}`);
    const helper = await startDownloader(folder, ...sources);
    for (const [nth, swarm] of swarms.entries()) {
      const last = await helper.line(new RegExp(`^${nth + 1}:.*:(100|-2)$`));
      if (last.endsWith('-2')) expect(await hashOf(pathOf(swarm))).toBe(changed[nth]);
      else expect(await isWhole(swarm.torrent, pathOf(swarm))).toBe(true);
    }
  });
});

describe('content that was changed, and whose size and time are as they were,', () => {
  it.each([['SIGTERM'], ['SIGKILL']] as const)(
    'is downloaded again where it is bad, if it was unfinished (%s)',
    async (signal) => {
      const swarms = await startSwarms(1);
      const [swarm] = swarms;
      swarm?.offer(begin.slice(0, 3));
      await stopDownloader(await download(swarms, 12));
      swarm?.offer(begin);
      await stopDownloader(await download(swarms, 20), signal);
      if (signal === 'SIGKILL') await delay(slackMs + 500);
      for (const each of swarms) await changeByte(each);
      await expectCompletion(swarms);
    },
  );

  it('is never written to, if it was complete, and the job says how to go on', async () => {
    const swarms = await startSwarms(1);
    for (const swarm of swarms) swarm.offerAll();
    await stopDownloader(await download(swarms, 100));
    for (const swarm of swarms) {
      await changeByte(swarm);
      const changed = await hashOf(pathOf(swarm));
      const helper = await startDownloader(folder, `torrent:${swarm.torrentFile}`);
      expect(await failed(helper, 'DESTINATION_EXISTS')).toMatch(/\/x0\.bin .*move it away/);
      expect(await hashOf(pathOf(swarm))).toBe(changed);
    }
  });

  it('is never written to by a session that comes back, which waits until it is moved away', async () => {
    const swarms = await startSwarms(1);
    for (const swarm of swarms) swarm.offerAll();
    await stopDownloader(await download(swarms, 100, '--session', 'lies'));
    for (const swarm of swarms) {
      await changeByte(swarm);
      const changed = await hashOf(pathOf(swarm));
      const helper = await startDownloader(folder, '--session', 'lies');
      await warned(helper, 'DESTINATION_EXISTS');
      expect(await hashOf(pathOf(swarm))).toBe(changed);
      await rename(pathOf(swarm), join(folder, 'mine.bin'));
      await helper.line('1:x0.bin:100');
      expect(await isWhole(swarm.torrent, pathOf(swarm))).toBe(true);
      expect(await hashOf(join(folder, 'mine.bin'))).toBe(changed);
    }
  });
});
