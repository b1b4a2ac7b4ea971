import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  appendFile,
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type HashCache, openHashCache } from '../../../../src/metainfo/create/hash-cache.js';
import { type MadeMetainfo, makeMetainfo } from '../../../../src/metainfo/create/make-metainfo.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { asOrdinaryUser } from '../../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const KiB = 1024;
const madeDir = () => at('state', 'made');

interface Making {
  readonly path?: string;
  readonly isPrivate?: boolean;
  readonly contentPath?: string;
  readonly pieceLengthBytes?: number;
  readonly onRead?: () => void;
}

/** Makes as a helper does that was started just now, and tells whether the content was read. */
async function make({ path = at('data'), isPrivate = true, onRead, ...rest }: Making = {}) {
  const hashCache = openHashCache(madeDir());
  const found: boolean[] = [];
  const watched: HashCache = {
    async get(content, wanted) {
      const known = await hashCache.get(content, wanted);
      found.push(known !== undefined);
      return known;
    },
    set(content, metainfo) {
      onRead?.();
      return hashCache.set(content, metainfo);
    },
  };
  const request = { path, isPrivate, ...rest, announce: [['udp://x:1']], hashCache: watched };
  const made: MadeMetainfo = await makeMetainfo(request, never);
  return { ...made, isRead: !found[0] };
}

async function entryPath(): Promise<string> {
  const [name] = await readdir(madeDir());
  return `${madeDir()}/${name}`;
}

describe('what was made of content', () => {
  it('is made again without reading a file written a moment before', async () => {
    await writeFiles(at(), { data: 'content' });
    const first = await make();
    const again = await make();
    expect([first.isRead, again.isRead]).toEqual([true, false]);
    expect(again.metainfo).toEqual(first.metainfo);
    expect(again.contentPath).toBe(first.contentPath);
  });

  it('is made again of a folder with empty files and odd names', async () => {
    await writeFiles(at('data'), { 'a b/c\nd': 'x', empty: '', 'ü/"': 'y', '.hidden': 'z' });
    const { metainfo } = await make();
    const again = await make();
    expect(again.isRead).toBe(false);
    expect(again.metainfo).toEqual(metainfo);
  });

  it('is read again for another privacy, name or location', async () => {
    await writeFiles(at(), { data: 'content' });
    await symlink('data', at('link'));
    const first = await make();
    expect((await make({ isPrivate: false })).isRead).toBe(true);
    const linked = await make({ path: at('link') });
    expect([linked.isRead, linked.metainfo.name]).toEqual([true, 'link']);
    expect((await make()).metainfo).toEqual(first.metainfo);
    for (const making of [{}, { isPrivate: false }, { path: at('link') }]) {
      expect((await make(making)).isRead).toBe(false);
    }
  });

  it('keeps the name of the path as given where the content lies elsewhere now', async () => {
    await writeFiles(at(), { data: 'content', 'elsewhere/data.bin': 'content' });
    const first = await make();
    const moved = await make({ contentPath: at('elsewhere/data.bin') });
    expect(moved.metainfo).toEqual(first.metainfo);
    expect(moved.contentPath).toBe(at('elsewhere/data.bin'));
    expect((await make({ contentPath: at('elsewhere/data.bin') })).isRead).toBe(false);
  });

  it('is made again whatever the piece length was, unless another is asked for', async () => {
    await writeFiles(at(), { data: 'content' });
    const first = await make({ pieceLengthBytes: 64 * KiB });
    const again = await make();
    expect([again.isRead, again.metainfo]).toEqual([false, first.metainfo]);
    const other = await make({ pieceLengthBytes: 32 * KiB });
    expect([other.isRead, other.metainfo.pieceLengthBytes]).toEqual([true, 32 * KiB]);
  });

  it('is found under the name that its entry had when that held the piece length', async () => {
    await writeFiles(at(), { data: new Uint8Array(40_000 * KiB) });
    const first = await make({ pieceLengthBytes: 32 * KiB });
    const key = JSON.stringify([at('data'), 'data', true, 32 * KiB]);
    const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
    await rename(await entryPath(), `${madeDir()}/${name}.json`);
    const again = await make();
    expect([again.isRead, again.metainfo]).toEqual([false, first.metainfo]);
    await appendFile(at('data'), 'changed');
    expect((await make()).isRead).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['was written', () => writeFile(at('data/a'), 'other11')],
    ['was written, and its time set back', () => writeKeepingTimes('other11')],
    ['was replaced', () => replaceKeepingTimes('other11')],
    ['grew', () => writeFile(at('data/a'), 'content, and more')],
    ['came', () => writeFile(at('data/c'), '')],
    ['went', () => rm(at('data/b'))],
    ['was renamed', () => rename(at('data/b'), at('data/c'))],
  ])('is read again when a file of it %s', async (_, change) => {
    await writeFiles(at('data'), { a: 'content', b: 'more' });
    await make();
    await change();
    const changed = await make();
    expect(changed.isRead).toBe(true);
    await rm(madeDir(), { recursive: true });
    expect((await make()).metainfo).toEqual(changed.metainfo);
  });

  async function writeKeepingTimes(text: string): Promise<void> {
    const { atime, mtime } = await stat(at('data/a'));
    const handle = await open(at('data/a'), 'r+');
    await handle.write(text);
    await handle.utimes(atime, mtime);
    await handle.close();
  }

  async function replaceKeepingTimes(text: string): Promise<void> {
    const { atime, mtime } = await stat(at('data/a'));
    await writeFile(at('new'), text);
    await utimes(at('new'), atime, mtime);
    await rename(at('new'), at('data/a'));
  }

  it('is never taken for that of a file written again right after it was read', async () => {
    for (let round = 0; round < 30; round++) {
      writeFileSync(at('data'), `before ${round}`.padEnd(20));
      // Within the same tick of the disk's clock, most times, had the tick not been waited for.
      await make({ onRead: () => writeFileSync(at('data'), `after ${round}`.padEnd(20)) });
      expect((await make()).isRead).toBe(true);
    }
  });

  it('is not cached of a file that could change without showing it', async () => {
    await writeFiles(at(), { data: 'content' });
    // By this clock the file was changed in the future.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 });
    await make().finally(() => vi.useRealTimers());
    expect((await make()).isRead).toBe(true);
    expect((await make()).isRead).toBe(false);
  });

  it('refuses what has become unfit to publish', async () => {
    await writeFiles(at('data'), { a: 'content' });
    await make();
    await symlink('nowhere', at('data/b'));
    await expect(make()).rejects.toMatchObject({ code: 'CONTENT_UNSUPPORTED' });
    await rm(at('data'), { recursive: true });
    await expect(make()).rejects.toMatchObject({ code: 'CONTENT_NOT_FOUND' });
  });

  it('is stored where a person can read what it is of', async () => {
    await writeFiles(at('data'), { 'sub/a': 'content' });
    const { metainfo } = await make();
    const { ino, mtimeNs, ctimeNs } = await stat(at('data/sub/a'), { bigint: true });
    expect(JSON.parse(await readFile(await entryPath(), 'utf8'))).toEqual({
      version: 1,
      root: at('data'),
      infoHash: metainfo.infoHash,
      stamps: [`7 ${mtimeNs} ${ctimeNs} ${ino} sub/a`],
      info: Buffer.from(metainfo.info).toString('base64'),
    });
  });
});

describe('an entry', () => {
  it('costs a hashing when it is damaged, and no more, whatever its bytes', async () => {
    await writeFiles(at(), { data: 'content' });
    const { metainfo } = await make();
    const path = await entryPath();
    const good = await readFile(path);
    const damage = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.json().map((text) => Buffer.from(text)),
      fc.nat({ max: good.length - 1 }).map((end) => good.subarray(0, end)),
      fc
        .tuple(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }))
        .map(([index, change]) => {
          const bytes = Buffer.from(good);
          bytes[index] = (bytes[index] ?? 0) ^ change;
          return bytes;
        }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        await writeFile(path, bytes);
        expect((await make()).metainfo).toEqual(metainfo);
      }),
      { numRuns: 200 },
    );
  });

  it('is never used with other piece hashes than those it was made with', async () => {
    await writeFiles(at(), { data: 'content' });
    await make();
    const path = await entryPath();
    const entry = JSON.parse(await readFile(path, 'utf8'));
    const info = Buffer.from(entry.info, 'base64');
    const begin = info.indexOf('6:pieces20:') + '6:pieces20:'.length;
    info[begin] = (info[begin] ?? 0) ^ 1;
    await writeFile(path, JSON.stringify({ ...entry, info: info.toString('base64') }));
    expect((await make()).isRead).toBe(true);
  });

  it('is dropped when it was not used for a year, and only then, and nothing of another name', async () => {
    await writeFiles(at(), { data: 'content', other: 'other', third: 'third' });
    await make();
    const unused = await entryPath();
    await make({ path: at('other') });
    const months = (count: number) => new Date(Date.now() - count * 30 * 24 * 3600 * 1000);
    const used = `${madeDir()}/${(await readdir(madeDir())).find((name) => !unused.endsWith(name))}`;
    const another = `${madeDir()}/notes.json`;
    await writeFile(another, '{}');
    for (const old of [unused, another]) await utimes(old, months(13), months(13));
    await utimes(used, months(11), months(11));
    await make({ path: at('third') });
    const deadline = Date.now() + 5000;
    while ((await readdir(madeDir())).some((name) => unused.endsWith(name))) {
      if (Date.now() > deadline) throw new Error('it was not dropped');
      await delay(1);
    }
    const left = await readdir(madeDir());
    expect(left).toContain('notes.json');
    expect(left).toHaveLength(3);
    // Being used makes it young again.
    expect((await make({ path: at('other') })).isRead).toBe(false);
    expect((await stat(used)).mtimeMs).toBeGreaterThan(months(1).getTime());
  });

  it('that cannot be written costs nothing but the saving', async () => {
    await writeFiles(at(), { data: 'content', state: 'a file' });
    const { metainfo } = await make();
    expect((await make()).metainfo).toEqual(metainfo);
    await rm(at('state'));
    await mkdir(madeDir(), { recursive: true });
    await chmod(madeDir(), 0o500);
    const again = await asOrdinaryUser(() => make());
    expect(again.metainfo).toEqual(metainfo);
  });
});
