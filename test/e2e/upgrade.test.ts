// A helper that takes up what an earlier version left: the state of commit 7469ba4, which knew no checksums, and told files
// by size and time alone. And what it writes itself can be read by that one, or is left alone by it.
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { hasPiece } from '../../src/storage/layout/bitfield.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { until } from '../support/waiting.js';
import { contentOf, fileSizes } from './state-of-7469ba4/content.mjs';
import {
  metainfoOfThen,
  piecesOfThen,
  putContent,
  putStory,
  type StoryOptions,
  torrentOfThen,
} from './state-of-7469ba4/put-state.js';

let folder: string;
let trackerPort: number;

beforeEach(async () => {
  folder = await scratchFolder();
  trackerPort = await freePort();
});

/** Bytes that are not those of the torrent: whoever reads them notices. */
const otherBytes: StoryOptions['completeContent'] = (_, lengthBytes) =>
  Buffer.alloc(lengthBytes, 'other');

async function putStateOfThen(completeContent = otherBytes): Promise<void> {
  const ports = { peerPort: await freePort(), trackerPort: await freePort() };
  await putStory(folder, { trackerPort, ports, completeContent });
}

const startAgain = () =>
  start(['--no-dht', '--download-dir', 'copy', '--state-dir', 'state', '--session', 'night'], {
    cwd: folder,
  });

async function stop(helper: HelperProcess): Promise<void> {
  helper.kill('SIGTERM');
  await helper.exit();
}

/** Of what is there of it, by record and journal. */
async function percentOfThen(name: 'unfinished' | 'paused.bin'): Promise<number> {
  const metainfo = await metainfoOfThen(name);
  const pieces = await piecesOfThen(name);
  let foundBytes = 0;
  for (let index = 0; index < metainfo.pieceCount; index += 1) {
    if (hasPiece(pieces, index)) foundBytes += metainfo.pieceBytes(index);
  }
  return Math.floor((100 * foundBytes) / metainfo.lengthBytes);
}

const warnings = (helper: HelperProcess) =>
  helper.stderr.filter((line) => /warning: (?!TRACKER_UNREACHABLE)|failed/.test(line));

describe('the state of an earlier version', () => {
  it('is taken up with the same ids and lines, and what was complete is not read', async () => {
    await putStateOfThen();
    const helper = startAgain();
    expect((await helper.published(1)).infoHash).toBe(
      (await metainfoOfThen('seeded.bin')).infoHash,
    );
    await helper.line('1:seeded.bin:100');
    await helper.line('2:complete:100');
    const percent = await percentOfThen('unfinished');
    expect(percent).toBeGreaterThan(0);
    await helper.line(`3:unfinished:${percent}`);
    helper.write('file:nowhere');
    await helper.line('5:nowhere:-2');
    expect([1, 2, 3, 4].map((id) => helper.percents(id))).toEqual([
      [-1, 100],
      [-1, 100],
      [-1, percent],
      [-1],
    ]);
    expect(warnings(helper).filter((line) => !line.includes('nowhere'))).toEqual([]);
  });

  it('goes on where it was', async () => {
    await putStateOfThen(contentOf);
    for (const name of ['unfinished', 'paused.bin'] as const) {
      await putContent(join(folder, 'seeder'), name);
      await writeFile(join(folder, `${name}.torrent`), await torrentOfThen(name, trackerPort));
    }
    const dirs = ['--download-dir', 'seeder', '--state-dir', 'seeder-state'];
    const seeder = start(['--no-dht', ...dirs, '--tracker-port', `${trackerPort}`], {
      cwd: folder,
    });
    seeder.write('torrent:unfinished.torrent', 'torrent:paused.bin.torrent');
    await seeder.line('1:unfinished:100');
    await seeder.line('2:paused.bin:100');

    const helper = startAgain();
    helper.write('resume:4');
    await helper.line('3:unfinished:100');
    await helper.line('4:paused.bin:100');
    expect(helper.percents(3).slice(0, 2)).toEqual([-1, await percentOfThen('unfinished')]);
    expect(helper.percents(4).slice(0, 2)).toEqual([-1, await percentOfThen('paused.bin')]);
    for (const [path, lengthBytes] of Object.entries(fileSizes)) {
      const where = join(folder, path === 'seeded.bin' ? '' : 'copy', path);
      expect((await readFile(where)).equals(contentOf(path, lengthBytes)), path).toBe(true);
    }
    expect(warnings(helper)).toEqual([]);
  });

  it('tells whose the files are, so that they can be moved and deleted', async () => {
    await putStateOfThen(contentOf);
    const helper = startAgain();
    await helper.line('2:complete:100');
    helper.write('move:2:elsewhere', 'delete:3', 'delete:4');
    await until(
      async () => (await readdir(join(folder, 'copy'))).length === 0,
      'moved and deleted',
    );
    for (const [path, lengthBytes] of Object.entries(fileSizes)) {
      if (!path.startsWith('complete/')) continue;
      expect(await readFile(join(folder, 'elsewhere', path))).toEqual(contentOf(path, lengthBytes));
    }
    expect(warnings(helper)).toEqual([]);
  });

  it('is not believed of content that was touched since', async () => {
    await putStateOfThen();
    for (const path of ['seeded.bin', 'copy/complete/a.bin']) {
      const { atimeMs, mtimeMs } = await stat(join(folder, path));
      await utimes(join(folder, path), atimeMs / 1000, mtimeMs / 1000 + 10);
    }
    const helper = startAgain();
    const { infoHash } = await helper.published(1);
    expect(infoHash).not.toBe((await metainfoOfThen('seeded.bin')).infoHash);
    await Promise.race([
      helper.line(/^2:complete:(?!-1$)/),
      helper.diagnostic(/: job 2 \(complete\): .*DESTINATION_EXISTS/),
    ]);
    expect(helper.percents(2)).not.toContain(100);
  });
});

describe('the state for an earlier version', () => {
  it('has the session as that one wrote it, and a few fields more', async () => {
    await putStateOfThen();
    const session = join(folder, 'state/sessions/night');
    const readAll = async () => {
      const names = (await readdir(session)).filter((name) => name.endsWith('.json')).sort();
      return Promise.all(
        names.map(async (name) => ({
          name,
          fields: JSON.parse(await readFile(join(session, name), 'utf8')),
        })),
      );
    };
    const before = await readAll();
    const first = startAgain();
    await first.line('2:complete:100');
    // So that each of them is written once more.
    first.write('pause:1', 'pause:2', 'pause:3', 'resume:4');
    await first.line(`4:paused.bin:${await percentOfThen('paused.bin')}`);
    await stop(first);
    const second = startAgain();
    second.write('resume:1', 'resume:2', 'resume:3', 'pause:4');
    await second.line('1:seeded.bin:100');
    await stop(second);
    const after = await readAll();
    const sealed = after.map(({ name, fields: { checksum, reach, name: called, ...more } }) => {
      const { doneMs, ...fields } = more;
      expect(String(checksum), name).toMatch(/^[0-9a-f]{64}$/);
      expect(['number', 'undefined'], name).toContain(typeof doneMs);
      // A job says what its torrent is called.
      expect(typeof called, name).toBe(fields.instruction ? 'string' : 'undefined');
      const isDownload = fields.instruction?.kind === 'download';
      expect(reach, name).toEqual(isDownload ? { kind: 'document' } : undefined);
      return { name, fields };
    });
    expect(sealed).toEqual(before);
  });
});
