import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limitConcurrency } from '../../../../src/async/limit-concurrency.js';
import { FilePool } from '../../../../src/storage/disk/file-pool.js';
import { PieceJournal, parseJournal } from '../../../../src/storage/resume/piece-journal.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const torrent = scratchTorrent(100, [
  { path: 'a', lengthBytes: 130 },
  { path: 'b', lengthBytes: 270 },
]).metainfo;

function open(
  path: string | undefined,
  isThere = false,
  onFailure: (thrown: unknown) => void = () => {},
) {
  const handles = new FilePool(4);
  return new PieceJournal({ path, isThere, onFailure, handles, limit: limitConcurrency(2) });
}

async function journal(folder = 'resume') {
  const path = join(await scratchFolder(), folder, 'a.journal');
  const failures: unknown[] = [];
  return {
    path,
    failures,
    journal: open(path, false, (error) => failures.push(error)),
  };
}

describe('a journal of pieces', () => {
  it('names a piece before its write begins', async () => {
    const { path, journal: pieces, failures } = await journal();
    await pieces.begin([7]);
    expect(await readFile(path, 'utf8')).toBe('7\n');
    await Promise.all([pieces.begin([1]), pieces.begin([2]), pieces.begin([3])]);
    expect(await readFile(path, 'utf8')).toBe('7\n1\n2\n3\n');
    expect(failures).toEqual([]);
  });

  it('names the files that were made for a piece, until they are on record', async () => {
    const { path, journal: pieces } = await journal();
    await pieces.begin(
      [2],
      new Map([[1, { device: 66n, inode: 12345678901234567890n, birthNs: 7n }]]),
    );
    const text = 'made 1 66 12345678901234567890 7\n2\n';
    expect(await readFile(path, 'utf8')).toBe(text);
    expect(parseJournal(text, 5n, torrent)?.made).toEqual(
      new Map([[1, { device: 66n, inode: 12345678901234567890n, birthNs: 7n }]]),
    );
    await pieces.cut(
      () => true,
      () => false,
    );
    expect(await readFile(path, 'utf8')).toBe('made 1 66 12345678901234567890 7\n');
    await pieces.cut(() => true);
    expect(existsSync(path)).toBe(false);
  });

  it('forgets what is on record, and is gone when nothing is left', async () => {
    const { path, journal: pieces } = await journal();
    await Promise.all([pieces.begin([1]), pieces.begin([2])]);
    await Promise.all([pieces.cut((index) => index === 1), pieces.begin([3])]);
    const found = parseJournal(await readFile(path, 'utf8'), 5n, torrent);
    expect([...(found?.pieces ?? [])].sort()).toEqual([2, 3]);
    await pieces.cut(() => true);
    expect(existsSync(path)).toBe(false);
  });

  it('forgets what an earlier join left with the first cut', async () => {
    const path = join(await scratchFolder(), 'a.journal');
    await writeFile(path, '4\n');
    const pieces = open(path, true);
    await pieces.begin([5]);
    expect(await readFile(path, 'utf8')).toBe('4\n5\n');
    await pieces.cut(() => false);
    expect(await readFile(path, 'utf8')).toBe('5\n');
  });

  it.runIf(platform() === 'linux')(
    'of many downloads do not take as many descriptors to be cut',
    async () => {
      const folder = await scratchFolder();
      const handles = new FilePool(4);
      const failures: unknown[] = [];
      const journals = Array.from({ length: 300 }, (_, nth) => {
        const path = join(folder, `${nth}.journal`);
        const onFailure = (thrown: unknown) => void failures.push(thrown);
        return new PieceJournal({
          path,
          isThere: false,
          handles,
          onFailure,
          limit: (task) => task(),
        });
      });
      await Promise.all(journals.map((pieces) => pieces.begin([1, 2])));
      let isCut = false;
      const cut = Promise.all(journals.map((pieces) => pieces.cut((index) => index === 1))).then(
        () => {
          isCut = true;
        },
      );
      const openBefore = readdirSync('/proc/self/fd').length;
      let most = 0;
      // By no trip to the pool, which would come when all is over.
      while (!isCut) {
        most = Math.max(most, readdirSync('/proc/self/fd').length - openBefore);
        await setImmediate();
      }
      await cut;
      expect(failures).toEqual([]);
      expect(most).toBeLessThan(50);
    },
  );

  it('tells that it cannot be written, and holds nothing up', async () => {
    const { path, journal: pieces, failures } = await journal('.');
    await writeFile(join(path, '..', 'file'), '');
    const impossible = open(join(path, '..', 'file', 'a.journal'), false, (error) =>
      failures.push(error),
    );
    await impossible.begin([1]);
    await impossible.cut(() => true);
    expect(failures).toMatchObject([{ code: 'ENOTDIR' }, { code: 'ENOTDIR' }]);
    await pieces.begin([1]);
    expect(existsSync(path)).toBe(true);
  });

  it('needs no file', async () => {
    const pieces = open(undefined);
    await pieces.begin([1]);
    await pieces.begin([2]);
    await expect(pieces.cut((index) => index === 1)).resolves.toBeUndefined();
  });

  it('is read back with its time, and whether the disk refused to confirm it', () => {
    const read = { pieces: new Set([3, 0]), mtimeNs: 5n, isUnconfirmed: false, made: new Map() };
    expect(parseJournal('3\n0\n3\n', 5n, torrent)).toEqual(read);
    expect(parseJournal('3\n0\nunconfirmed\n', 5n, torrent)).toEqual({
      ...read,
      isUnconfirmed: true,
    });
    expect(parseJournal('', 5n, torrent)).toEqual({ ...read, pieces: new Set() });
  });

  it.each([
    ['cut in a number', '1\n2'],
    ['of another torrent', '1\n4\n'],
    ['garbage', '1\n\0\0\0\n'],
    ['of absurd numbers', `${'9'.repeat(30)}\n`],
    ['of negative numbers', '-1\n'],
    ['of a file that the torrent has not', 'made 2 1 1 1\n'],
    ['of a file without its birth', 'made 1 1 1\n'],
  ])('is none if it is %s', (_, text) => {
    expect(parseJournal(text, 5n, torrent)).toBeUndefined();
  });
});
