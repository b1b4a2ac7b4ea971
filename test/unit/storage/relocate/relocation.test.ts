import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import {
  chmod,
  cp,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { cwd } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stampOf } from '../../../../src/storage/disk/file-stamp.js';
import { isBeingRelocated } from '../../../../src/storage/layout/relocation-marker.js';
import { stagingFolder } from '../../../../src/storage/layout/staging-folder.js';
import { commitContent } from '../../../../src/storage/relocate/commit.js';
import { isAtTarget, planRelocation } from '../../../../src/storage/relocate/relocation.js';
import { removeSource } from '../../../../src/storage/relocate/remove-source.js';
import { removeStagingFolder, stageContent } from '../../../../src/storage/relocate/stage.js';
import { linksOnDisk } from '../../../support/disks/links-on-disk.js';
import { below, isWhole, noSignal, relocateAll } from '../../../support/disks/relocated-content.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { hasOtherDisk, mayMount, otherDisk } from '../../../support/disks/small-disk.js';
import { layOut, layOutLinks } from '../../../support/torrents/sample-on-disk.js';
import type { SampleTorrent } from '../../../support/torrents/sample-torrent.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const single = scratchTorrent(16_384, [{ path: '', lengthBytes: 100_000 }]);
const nested = scratchTorrent(
  1000,
  [
    { path: 'a', lengthBytes: 1300 },
    { path: '.pad/700', lengthBytes: 700, isPadding: true },
    { path: 'sub/b', lengthBytes: 70 },
    { path: 'sub/deep/empty', lengthBytes: 0 },
    { path: 'sub/deep/c', lengthBytes: 2500 },
  ],
  { l: 'a', 'sub/link': 'sub/deep/c', 'only/links/up': 'sub/b' },
);
const large = scratchTorrent(262_144, [
  { path: 'large.bin', lengthBytes: 5 * 2 ** 20 + 17 },
  { path: 'small.bin', lengthBytes: 3 },
]);
const everyKind: readonly (readonly [string, SampleTorrent])[] = [
  ['a single file', single],
  ['a nested folder with empty files, padding and links', nested],
  ['some MiB', large],
];

/** The torrent laid out without its padding, which has no place on disk. */
async function published(torrent: SampleTorrent, root?: string): Promise<string> {
  const contentPath = join(root ?? (await scratchFolder()), 'scratch');
  const files = torrent.metainfo.files.filter((file) => !file.isPadding);
  await layOut(
    torrent,
    contentPath,
    files.map((file) => file.path.join('/')),
  );
  await layOutLinks(torrent, contentPath);
  return contentPath;
}

const disks = [
  ['the same disk', scratchFolder],
  ...(hasOtherDisk ? ([['another disk', otherDisk]] as const) : []),
] as const;

const failing = (code: string, path: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(path) });

/** Runs `step` again and again, aborted each time when it looks at its signal once more than before, until it is through. */
async function abortAtEveryCheck(
  step: (signal: AbortSignal) => Promise<void>,
  afterwards: () => Promise<void>,
): Promise<number> {
  const reason = new Error('enough');
  for (let last = 1; ; last++) {
    const controller = new AbortController();
    const { signal } = controller;
    let checks = 0;
    signal.throwIfAborted = () => {
      if (++checks === last) controller.abort(reason);
      if (signal.aborted) throw signal.reason;
    };
    const error = await step(signal).catch((thrown: unknown) => thrown);
    if (error === undefined) return last - 1;
    expect(error).toBe(reason);
    await afterwards();
  }
}

describe.each(disks)('relocating to %s', (_name, disk) => {
  it.each(everyKind)('relocates %s, and leaves nothing else behind', async (_kind, torrent) => {
    const contentPath = await published(torrent);
    const dir = join(await disk(), 'made/for it');
    const to = await relocateAll(torrent, contentPath, dir);
    expect(to).toBe(join(dir, 'scratch'));
    expect(await isWhole(torrent, to)).toBe(true);
    expect(await below(dirname(contentPath))).toEqual([]);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it.each(everyKind)('relocates %s without staging it first', async (_kind, torrent) => {
    const contentPath = await published(torrent);
    const dir = await disk();
    const to = await relocateAll(torrent, contentPath, dir, { isStagedFirst: false });
    expect(await isWhole(torrent, to)).toBe(true);
    expect(await below(dirname(contentPath))).toEqual([]);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it('touches nothing at the source, and has no name at the target, while it is staged', async () => {
    const contentPath = await published(nested);
    const before = await stat(join(contentPath, 'a'), { bigint: true });
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await stageContent(relocation, 'whole', noSignal);
    expect(await isWhole(nested, contentPath)).toBe(true);
    expect(await stat(join(contentPath, 'a'), { bigint: true })).toMatchObject({
      ino: before.ino,
      mtimeNs: before.mtimeNs,
    });
    expect(await readdir(dir)).toEqual([expect.stringMatching(/^\./)]);
    expect(await isWhole(nested, join(stagingFolder(relocation), 'scratch'))).toBe(true);
  });

  it('relocates what there is of an unfinished download', async () => {
    const contentPath = await published(nested);
    await rename(join(contentPath, 'sub'), join(contentPath, '..', 'gone'));
    await truncate(join(contentPath, 'a'), 900);
    const dir = await disk();
    const to = await relocateAll(nested, contentPath, dir, { isStagedFirst: false });
    expect(await below(to)).toEqual(['a', 'l', 'only', 'only/links', 'only/links/up']);
    expect(await readFile(join(to, 'a'))).toEqual(Buffer.from(nested.bytesOf('a').slice(0, 900)));
    expect(await readdir(dirname(contentPath))).toEqual(['gone']);
  });

  it('relocates a download of which nothing is there yet', async () => {
    const contentPath = join(await scratchFolder(), 'scratch');
    const dir = await disk();
    await relocateAll(nested, contentPath, dir, { isStagedFirst: false });
    expect(await readdir(dir)).toEqual([]);
  });

  it('takes a link along that says what the torrent has, and leaves every other where it is', async () => {
    const contentPath = await published(nested);
    await unlink(join(contentPath, 'l'));
    await symlink('sub/b', join(contentPath, 'l'));
    await unlink(join(contentPath, 'only/links/up'));
    const to = await relocateAll(nested, contentPath, await disk());
    expect(await linksOnDisk(to)).toEqual({ 'sub/link': 'deep/c' });
    expect(await linksOnDisk(contentPath)).toEqual({ l: 'sub/b' });
    expect(await readdir(contentPath)).toEqual(['l']);
  });

  it('keeps times and permissions', async () => {
    const contentPath = await published(nested);
    const file = 'sub/deep/c';
    await chmod(join(contentPath, file), 0o640);
    await chmod(join(contentPath, 'sub'), 0o770);
    await utimes(join(contentPath, file), 1_000_000, 1_600_000_000.25);
    const to = await relocateAll(nested, contentPath, await disk());
    const { mode, mtimeMs } = await stat(join(to, file));
    expect({ mode: mode & 0o777, mtimeMs }).toEqual({ mode: 0o640, mtimeMs: 1_600_000_000_250 });
    expect((await stat(join(to, 'sub'))).mode & 0o777).toBe(0o770);
  });

  it('keeps the holes of a download that is mostly missing', async () => {
    const torrent = scratchTorrent(2 ** 20, [{ path: '', lengthBytes: 12 * 2 ** 20 }]);
    const contentPath = join(await scratchFolder(), 'scratch');
    const handle = await open(contentPath, 'w');
    await handle.write(torrent.piece(7), 0, 2 ** 20, 7 * 2 ** 20);
    await handle.truncate(12 * 2 ** 20);
    await handle.close();
    const to = await relocateAll(torrent, contentPath, await disk(), { isStagedFirst: false });
    const bytes = await readFile(to);
    expect(bytes.subarray(7 * 2 ** 20, 8 * 2 ** 20).equals(torrent.piece(7))).toBe(true);
    expect(bytes.length).toBe(12 * 2 ** 20);
    expect((await stat(to)).blocks * 512).toBeLessThan(3 * 2 ** 20);
  });

  it.each(['file', 'folder', 'link'] as const)(
    'refuses a name that a %s has, and changes neither source nor target',
    async (kind) => {
      const contentPath = await published(nested);
      const dir = await disk();
      const taken = join(dir, 'scratch');
      if (kind === 'file') await writeFile(taken, 'mine');
      if (kind === 'folder') await mkdir(taken);
      if (kind === 'link') await symlink('/nowhere', taken);
      const relocation = planRelocation(dir, nested.metainfo, contentPath);
      const refusal = failing('DESTINATION_EXISTS', taken);
      await expect(stageContent(relocation, 'whole', noSignal)).rejects.toEqual(refusal);
      await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(refusal);
      expect(await below(dir)).toEqual(['scratch']);
      expect(await isWhole(nested, contentPath)).toBe(true);
    },
  );

  it.each(everyKind)(
    'refuses a name that was taken after %s was staged, and tidies up',
    async (_kind, torrent) => {
      const contentPath = await published(torrent);
      const dir = await disk();
      const relocation = planRelocation(dir, torrent.metainfo, contentPath);
      await stageContent(relocation, 'whole', noSignal);
      await writeFile(relocation.to, 'mine');
      await expect(commitContent(relocation, true, noSignal)).rejects.toEqual(
        failing('DESTINATION_EXISTS', relocation.to),
      );
      expect(await readdir(dir)).toEqual(['scratch']);
      expect(await readFile(relocation.to, 'utf8')).toBe('mine');
      expect(await isWhole(torrent, contentPath)).toBe(true);
    },
  );

  it('does not take another copy of the same content for its own', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    await layOut(nested, join(dir, 'scratch'));
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(
      failing('DESTINATION_EXISTS', relocation.to),
    );
    await removeSource(nested.metainfo, relocation.to);
    expect(await isWhole(nested, contentPath)).toBe(true);
  });

  it('begins anew over what an earlier attempt left', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await mkdir(join(stagingFolder(relocation), 'scratch/sub'), { recursive: true });
    await writeFile(join(stagingFolder(relocation), 'scratch/a'), 'half');
    expect(await isWhole(nested, await relocateAll(nested, contentPath, dir))).toBe(true);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it('deletes nothing behind a link that has the name of its staging folder', async () => {
    const contentPath = await published(nested);
    const elsewhere = await scratchFolder();
    await writeFile(join(elsewhere, 'note.json'), 'mine');
    await mkdir(join(elsewhere, 'scratch'));
    await writeFile(join(elsewhere, 'scratch/mine'), 'mine');
    const before = await below(elsewhere);
    const relocation = planRelocation(await scratchFolder(), nested.metainfo, contentPath);
    await symlink(elsewhere, stagingFolder(relocation));
    await stageContent(relocation, 'whole', noSignal);
    expect(await below(elsewhere)).toEqual(before);
    expect(await isWhole(nested, join(stagingFolder(relocation), 'scratch'))).toBe(true);
    await rename(stagingFolder(relocation), join(dirname(relocation.to), 'away'));
    await symlink(elsewhere, stagingFolder(relocation));
    await removeStagingFolder(relocation);
    expect(await below(elsewhere)).toEqual(before);
  });

  it('moves nothing that lies behind such a link', async () => {
    const contentPath = await published(nested);
    const relocation = planRelocation(await scratchFolder(), nested.metainfo, contentPath);
    await stageContent(relocation, 'whole', noSignal);
    const elsewhere = join(dirname(relocation.to), 'elsewhere');
    await rename(stagingFolder(relocation), elsewhere);
    await symlink(elsewhere, stagingFolder(relocation));
    await expect(commitContent(relocation, true, noSignal)).rejects.toMatchObject({
      code: 'DESTINATION_EXISTS',
    });
    expect(await isWhole(nested, join(elsewhere, 'scratch'))).toBe(true);
    expect(await isWhole(nested, contentPath)).toBe(true);
  });

  it('is not held up by a FIFO, a link or nonsense in place of its marker', async () => {
    const contentPath = await published(nested);
    for (const put of [
      (path: string) => execFileSync('mkfifo', [path]),
      (path: string) => symlink('/dev/zero', path),
      (path: string) => writeFile(path, 'nonsense'),
      (path: string) => mkdir(path),
    ]) {
      const dir = await disk();
      const relocation = planRelocation(dir, nested.metainfo, contentPath);
      await mkdir(stagingFolder(relocation));
      await put(join(stagingFolder(relocation), 'note.json'));
      await stageContent(relocation, 'whole', noSignal);
      expect(await isWhole(nested, join(stagingFolder(relocation), 'scratch'))).toBe(true);
    }
  });

  it('goes on from the marker that an earlier version wrote', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await commitContent(relocation, false, noSignal);
    const { dev, ino } = await stat(relocation.to, { bigint: true });
    const { infoHash } = nested.metainfo;
    const marker = { version: 1, infoHash, from: contentPath, copy: `${dev}:${ino}` };
    const path = join(stagingFolder(relocation), 'note.json');
    const written = `${JSON.stringify(marker, undefined, 2)}\n`;
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(marker);
    await writeFile(path, written);
    await removeSource(nested.metainfo, relocation.to);
    expect(await below(dirname(contentPath))).toEqual([]);
  });

  it('removes nothing on the word of a marker with one character changed', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await commitContent(relocation, false, noSignal);
    const path = join(stagingFolder(relocation), 'note.json');
    const other = `${contentPath.slice(0, -1)}_`;
    await cp(contentPath, other, { recursive: true, verbatimSymlinks: true });
    const written = await readFile(path, 'utf8');
    await writeFile(path, written.replace(JSON.stringify(contentPath), JSON.stringify(other)));
    await removeSource(nested.metainfo, relocation.to);
    expect(await isWhole(nested, other)).toBe(true);
  });

  it('leaves nothing of a copy that was broken off', async () => {
    const contentPath = await published(large);
    const dir = await disk();
    const relocation = planRelocation(dir, large.metainfo, contentPath);
    const reason = new Error('enough');
    const controller = new AbortController();
    const staging = stageContent(relocation, 'whole', controller.signal);
    while ((await readdir(dir)).length === 0) await Promise.resolve();
    controller.abort(reason);
    await staging.catch((error: unknown) => expect(error).toBe(reason));
    await expect(commitContent(relocation, true, controller.signal)).rejects.toBe(reason);
    expect(await readdir(dir)).toEqual([]);
    expect(await isWhole(large, contentPath)).toBe(true);
  });

  it('can be aborted at any moment of its staging, and then leaves nothing but the source', async () => {
    const contentPath = await published(large);
    const dir = await disk();
    const relocation = planRelocation(dir, large.metainfo, contentPath);
    const aborted = await abortAtEveryCheck(
      (signal) => stageContent(relocation, 'whole', signal),
      async () => {
        expect(await below(dir)).toEqual([]);
        expect(await isWhole(large, contentPath)).toBe(true);
      },
    );
    // Each MiB is copied, and compared.
    expect(aborted).toBeGreaterThan(disk === scratchFolder ? 5 : 12);
    expect(await isWhole(large, await relocateAll(large, contentPath, dir))).toBe(true);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it('commits as a whole or not at all, whenever it is aborted', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    const aborted = await abortAtEveryCheck(
      async (signal) => {
        await stageContent(relocation, 'whole', noSignal);
        await commitContent(relocation, true, signal);
      },
      async () => {
        expect(await below(dir)).toEqual([]);
        expect(await isWhole(nested, contentPath)).toBe(true);
      },
    );
    expect(aborted).toBeGreaterThan(5);
    expect(await isWhole(nested, contentPath)).toBe(true);
    expect(await isWhole(nested, relocation.to)).toBe(true);
    // Committed before, it stays so, and its source can still be found.
    await expect(commitContent(relocation, true, AbortSignal.abort())).rejects.toThrow();
    await removeSource(nested.metainfo, relocation.to);
    expect(await readdir(dir)).toEqual(['scratch']);
    expect(await below(dirname(contentPath))).toEqual([]);
  });

  it('goes on removing the source where it was aborted, and has the target whole all the while', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await commitContent(relocation, false, noSignal);
    const aborted = await abortAtEveryCheck(
      (signal) => removeSource(nested.metainfo, relocation.to, signal),
      async () => expect(await isWhole(nested, relocation.to)).toBe(true),
    );
    expect(aborted).toBeGreaterThan(8);
    expect(await below(dirname(contentPath))).toEqual([]);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it('leaves both where a file was written to after it was copied', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await commitContent(relocation, false, noSignal);
    const changed = join(contentPath, 'sub/b');
    await rename(changed, join(contentPath, 'old'));
    await writeFile(changed, 'x'.repeat(70));
    await utimes(changed, new Date(), new Date(Date.now() + 10_000));
    await expect(removeSource(nested.metainfo, relocation.to)).rejects.toEqual(
      failing('CONTENT_CHANGED', changed),
    );
    expect(await isWhole(nested, relocation.to)).toBe(true);
    expect(await readFile(changed, 'utf8')).toBe('x'.repeat(70));
    expect((await lstat(join(contentPath, 'a'))).isFile()).toBe(true);
  });

  it('copies once more what changed after it was staged', async () => {
    const contentPath = await published(nested);
    const dir = await disk();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await stageContent(relocation, 'whole', noSignal);
    const changed = join(contentPath, 'a');
    await rename(changed, join(contentPath, 'old'));
    await writeFile(changed, 'new');
    await commitContent(relocation, true, noSignal);
    await removeSource(nested.metainfo, relocation.to);
    expect(await readFile(join(relocation.to, 'a'), 'utf8')).toBe('new');
    expect(await below(dirname(contentPath))).toEqual(['scratch', 'scratch/old']);
  });

  it('relocates any torrent with equal bytes, and touches no file that is not its own', async () => {
    const layout = fc.record({
      lengths: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30_000 })), {
        minLength: 1,
        maxLength: 12,
      }),
      isPadded: fc.boolean(),
      isStagedFirst: fc.boolean(),
      foreign: fc.uniqueArray(fc.constantFrom('x', '0/x', '1/x', '2/deep/x', 'mine/x'), {
        maxLength: 4,
      }),
    });
    await fc.assert(
      fc.asyncProperty(layout, async ({ lengths, isPadded, isStagedFirst, foreign }) => {
        const torrent = scratchTorrent(
          1000,
          lengths.map((lengthBytes, nth) => ({
            path: `${nth % 3}/${nth}`,
            lengthBytes: lengthBytes + Number(nth === 0),
            isPadding: isPadded && nth % 4 === 1,
          })),
        );
        const contentPath = await published(torrent);
        for (const name of foreign) {
          await mkdir(dirname(join(contentPath, name)), { recursive: true });
          await writeFile(join(contentPath, name), `mine: ${name}`);
        }
        const dir = await disk();
        const to = await relocateAll(torrent, contentPath, dir, { isStagedFirst });
        expect(await isWhole(torrent, to)).toBe(true);
        expect(await readdir(dir)).toEqual(['scratch']);
        const left = await readdir(dirname(contentPath), { recursive: true, withFileTypes: true });
        const files = left.filter((entry) => entry.isFile());
        expect(
          files.map((entry) => relative(contentPath, join(entry.parentPath, entry.name))).sort(),
        ).toEqual([...foreign].sort());
        for (const name of foreign) {
          expect(await readFile(join(contentPath, name), 'utf8')).toBe(`mine: ${name}`);
        }
      }),
      { numRuns: 8 },
    );
  });
});

describe('a relocation', () => {
  it('to where the content lies already is none, whatever the folder is called', async () => {
    const contentPath = await published(nested);
    const dir = dirname(contentPath);
    const alias = join(await scratchFolder(), 'alias');
    await symlink(dir, alias);
    for (const same of [dir, `${dir}/`, join(dir, 'x/..'), alias, relative(cwd(), dir)]) {
      expect(await isAtTarget(planRelocation(same, nested.metainfo, contentPath))).toBe(true);
      await relocateAll(nested, contentPath, same);
      expect(await isWhole(nested, contentPath)).toBe(true);
    }
  });

  it.each(['scratch', 'scratch/sub', 'scratch/not/there'])(
    'into the content itself, at %s, is refused',
    async (inside) => {
      const contentPath = await published(nested);
      const alias = join(await scratchFolder(), 'alias');
      await symlink(dirname(contentPath), alias);
      for (const root of [dirname(contentPath), alias]) {
        const dir = join(root, inside);
        const relocation = planRelocation(dir, nested.metainfo, contentPath);
        await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(
          failing('REFUSED', dir),
        );
      }
      expect(await below(contentPath)).toEqual([
        'a',
        'l',
        'only',
        'only/links',
        'only/links/up',
        'sub',
        'sub/b',
        'sub/deep',
        'sub/deep/c',
        'sub/deep/empty',
        'sub/link',
      ]);
    },
  );

  it('next to the content, into a folder whose name begins alike, is fine', async () => {
    const contentPath = await published(nested);
    const to = await relocateAll(nested, contentPath, `${contentPath}-2`);
    expect(await isWhole(nested, to)).toBe(true);
  });

  it.each(['sub', 'sub/b', ''])('of a link at %j is refused, and says so', async (at) => {
    const contentPath = await published(nested);
    const link = join(contentPath, at);
    const real = join(await scratchFolder(), 'real');
    await rename(link, real);
    await symlink(real, link);
    const dir = join(await scratchFolder(), 'dir');
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    const refusal = failing('REFUSED', 'symbolic link');
    await expect(stageContent(relocation, 'whole', noSignal)).rejects.toEqual(refusal);
    await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(refusal);
    expect(await readdir(dirname(dir))).toEqual([]);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    await unlink(link);
    await rename(real, link);
    expect(await isWhole(nested, contentPath)).toBe(true);
  });

  it('of what was published through a link of another name is refused', async () => {
    const contentPath = await published(single);
    const real = join(dirname(contentPath), 'real');
    await rename(contentPath, real);
    const relocation = planRelocation(await scratchFolder(), single.metainfo, real);
    await expect(stageContent(relocation, 'whole', noSignal)).rejects.toEqual(
      failing('REFUSED', real),
    );
  });

  it('of content that lacks a file, or has one of another length, is no whole content', async () => {
    const contentPath = await published(nested);
    const dir = await scratchFolder();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await truncate(join(contentPath, 'a'), 1);
    await expect(stageContent(relocation, 'whole', noSignal)).rejects.toEqual(
      failing('CONTENT_CHANGED', join(contentPath, 'a')),
    );
    await rename(join(contentPath, 'a'), join(contentPath, '..', 'a'));
    await expect(stageContent(relocation, 'whole', noSignal)).rejects.toMatchObject({
      code: expect.stringMatching(/^DISK_/),
      message: expect.stringContaining(join(contentPath, 'a')),
    });
    expect(await readdir(dir)).toEqual([]);
  });

  it('into what is no folder is refused', async () => {
    const contentPath = await published(single);
    const file = join(await scratchFolder(), 'file');
    await writeFile(file, 'mine');
    for (const dir of [file, join(file, 'below')]) {
      const relocation = planRelocation(dir, single.metainfo, contentPath);
      await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(
        failing('DESTINATION_EXISTS', dir),
      );
    }
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it.skipIf(!mayMount)(
    'to a disk that is full leaves nothing there, and the source whole',
    async () => {
      const contentPath = await published(large);
      const dir = await otherDisk(3 * 2 ** 20);
      const before = await statfs(dir);
      const relocation = planRelocation(join(dir, 'deep'), large.metainfo, contentPath);
      await expect(stageContent(relocation, 'whole', noSignal)).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
      await expect(commitContent(relocation, false, noSignal)).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
      expect(await below(dir)).toEqual(['deep']);
      expect((await statfs(dir)).bavail).toBe(before.bavail);
      expect(await isWhole(large, contentPath)).toBe(true);
    },
  );

  it('that was committed, and no more, is taken up where it was', async () => {
    const contentPath = await published(nested);
    const dir = await scratchFolder();
    const relocation = planRelocation(dir, nested.metainfo, contentPath);
    await commitContent(relocation, false, noSignal);
    await commitContent(relocation, false, noSignal);
    expect(await isWhole(nested, contentPath)).toBe(true);
    await relocateAll(nested, contentPath, dir, { isStagedFirst: false });
    expect(await isWhole(nested, relocation.to)).toBe(true);
    expect(await below(dirname(contentPath))).toEqual([]);
    expect(await readdir(dir)).toEqual(['scratch']);
  });

  it('is known from its commit to its end, and not of what takes the place of the copy', async () => {
    const contentPath = await published(single);
    const { metainfo } = single;
    const relocation = planRelocation(await scratchFolder(), metainfo, contentPath);
    const known = () => isBeingRelocated(metainfo, relocation.to);
    expect(await known()).toBe(false);
    await stageContent(relocation, 'whole', noSignal);
    expect(await known()).toBe(false);
    await commitContent(relocation, true, noSignal);
    expect(await known()).toBe(true);
    await rename(relocation.to, `${relocation.to}.away`);
    await writeFile(relocation.to, 'mine');
    expect(await known()).toBe(false);
    await rename(`${relocation.to}.away`, relocation.to);
    await removeSource(metainfo, relocation.to);
    expect(await known()).toBe(false);
  });

  it.skipIf(stampOf(statSync('.', { bigint: true })).birthNs === 0n)(
    'is not known of another file that was given the inode of the copy',
    async () => {
      const contentPath = await published(single);
      const { metainfo } = single;
      const relocation = planRelocation(await scratchFolder(), metainfo, contentPath);
      await commitContent(relocation, false, noSignal);
      const path = join(stagingFolder(relocation), 'note.json');
      const { checksum: _, birthNs, ...marker } = JSON.parse(await readFile(path, 'utf8'));
      for (const [born, isKnown] of [
        [birthNs, true],
        [undefined, true],
        [`${birthNs}1`, false],
      ]) {
        await writeFile(path, JSON.stringify({ ...marker, birthNs: born }));
        expect(await isBeingRelocated(metainfo, relocation.to)).toBe(isKnown);
      }
    },
  );

  it('of a folder that took the place of a file is refused', async () => {
    const contentPath = await published(single);
    await rename(contentPath, `${contentPath}.old`);
    await mkdir(contentPath);
    const relocation = planRelocation(await scratchFolder(), single.metainfo, contentPath);
    await expect(commitContent(relocation, false, noSignal)).rejects.toEqual(
      failing('REFUSED', contentPath),
    );
    expect(await readdir(contentPath)).toEqual([]);
  });
});
