import { constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HelperError } from '../../../../src/errors.js';
import { diskLimits } from '../../../../src/limits.js';
import { openFile, readFully } from '../../../../src/storage/disk/file-io.js';
import { FilePool, type PooledFile } from '../../../../src/storage/disk/file-pool.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { countTurns } from '../../../support/turns.js';

interface CountedFile extends PooledFile {
  opened: number;
  readonly text: string;
}

async function countedFiles(count: number, owner: object = {}): Promise<CountedFile[]> {
  const folder = await scratchFolder();
  return Promise.all(
    Array.from({ length: count }, async (_, nth) => {
      const path = join(folder, String(nth));
      await writeFile(path, `file ${nth}`);
      const file: CountedFile = {
        owner,
        opened: 0,
        text: `file ${nth}`,
        open() {
          file.opened++;
          return openFile(path, constants.O_RDONLY);
        },
        closeFailed(error) {
          throw error;
        },
      };
      return file;
    }),
  );
}

async function readText(descriptor: number): Promise<string> {
  const bytes = new Uint8Array(100);
  return Buffer.from(bytes.subarray(0, await readFully(descriptor, bytes, 0))).toString();
}

/** A promise and the function that resolves it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('the pool of file handles', () => {
  it('opens a file anew that may be another by now, and lets who is at it come to the end', async () => {
    const [file, idle] = await countedFiles(2);
    if (!file || !idle) throw new Error('no file');
    const pool = new FilePool(4);
    const { open, opened } = gate();
    await pool.use(idle, readText);
    const first = pool.use(file, async (descriptor) => {
      await opened;
      return readText(descriptor);
    });
    pool.reopen([file, idle]);
    expect(await pool.use(file, readText)).toBe(file.text);
    open();
    expect(await first).toBe(file.text);
    expect([file.opened, idle.opened, pool.openFiles]).toEqual([2, 1, 1]);
    await pool.closeOwned(file.owner);
    expect(pool.openFiles).toBe(0);
  });

  it('opens a file once for any number of uses, at the same time and later', async () => {
    const [file] = await countedFiles(1);
    if (!file) throw new Error('no file');
    const pool = new FilePool(2);
    await Promise.all([pool.use(file, readText), pool.use(file, readText)]);
    expect(await pool.use(file, readText)).toBe(file.text);
    expect([file.opened, pool.openFiles]).toEqual([1, 1]);
    await pool.closeOwned(file.owner);
  });

  it('never has more files open than it may, and serves all', async () => {
    const files = await countedFiles(40);
    const pool = new FilePool(3);
    let most = 0;
    const texts = await Promise.all(
      files.map((file) =>
        pool.use(file, (descriptor) => {
          most = Math.max(most, pool.openFiles);
          return readText(descriptor);
        }),
      ),
    );
    expect(texts).toEqual(files.map((file) => file.text));
    expect(most).toBe(3);
    await pool.closeOwned(files[0]?.owner ?? {});
    expect(pool.openFiles).toBe(0);
  });

  it('closes the least recently used file first', async () => {
    const files = await countedFiles(3);
    const [a, b, c] = files;
    if (!a || !b || !c) throw new Error('no files');
    const pool = new FilePool(2);
    for (const file of [a, b, a, c, a, b]) await pool.use(file, readText);
    expect(files.map((file) => file.opened)).toEqual([1, 2, 1]);
    await pool.closeOwned(a.owner);
  });

  it('never closes a file in use, and serves those who wait in their order, busy files or not', async () => {
    const [busy, other] = await countedFiles(2);
    if (!busy || !other) throw new Error('no files');
    const pool = new FilePool(1);
    const order: string[] = [];
    const { open, opened } = gate();
    const first = pool.use(busy, async (descriptor) => {
      await opened;
      order.push(`first ${await readText(descriptor)}`);
    });
    const waiting = pool.use(other, async () => void order.push('other'));
    const late = pool.use(busy, async () => void order.push('late'));
    open();
    await Promise.all([first, waiting, late]);
    expect(order).toEqual(['first file 0', 'other', 'late']);
    await pool.closeOwned(busy.owner);
  });

  it('gives the slot of a file that cannot be opened to the next, and tries it anew when asked again', async () => {
    const [good] = await countedFiles(1);
    if (!good) throw new Error('no file');
    let tries = 0;
    const bad = { ...good, open: () => Promise.reject(new Error(`try ${++tries}`)) };
    const pool = new FilePool(1);
    const outcomes = await Promise.allSettled([
      pool.use(bad, readText),
      pool.use(good, readText),
      pool.use(bad, readText),
      pool.use(good, readText),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(tries).toBe(2);
    await pool.closeOwned(good.owner);
    expect(pool.openFiles).toBe(0);
  });

  it('makes do with fewer files where the system allows fewer', async () => {
    const files = await countedFiles(6);
    let refusals = 0;
    const pool = new FilePool(10);
    const limited = files.map((file) => ({
      ...file,
      async open() {
        if (pool.openFiles <= 4) return file.open();
        refusals++;
        throw new HelperError('FILES_EXHAUSTED', 'too many');
      },
    }));
    for (const file of [...limited, ...limited]) {
      expect(await pool.use(file, readText)).toBe(file.text);
    }
    expect(refusals).toBe(1);
    const uses = limited.map((file) => pool.use(file, readText));
    expect(await Promise.all(uses)).toEqual(files.map(({ text }) => text));
    expect([refusals, pool.openFiles]).toEqual([1, 3]);
    await Promise.all(limited.map(({ owner }) => pool.closeOwned(owner)));
    expect(pool.openFiles).toBe(0);
  });

  it('counts right when a file that is to be opened anew could not be opened at all', async () => {
    let refuse = () => {};
    const file = {
      owner: {},
      open: () =>
        new Promise<number>((_, reject) => {
          refuse = () => reject(new Error('gone'));
        }),
      closeFailed: () => {},
    };
    const pool = new FilePool(1);
    const use = pool.use(file, async () => {});
    pool.reopen([file]);
    refuse();
    await expect(use).rejects.toThrow('gone');
    expect(pool.openFiles).toBe(0);
  });

  it('closes the files of one owner only', async () => {
    const [mine] = await countedFiles(1);
    const [theirs] = await countedFiles(1);
    if (!mine || !theirs) throw new Error('no files');
    const pool = new FilePool(4);
    for (const file of [mine, theirs, mine, theirs]) await pool.use(file, readText);
    await pool.closeOwned(mine.owner);
    expect(pool.openFiles).toBe(1);
    await pool.use(theirs, readText);
    expect(theirs.opened).toBe(1);
    await pool.closeOwned(theirs.owner);
  });

  it('tells the file that its handle closed with an error', async () => {
    const errors: unknown[] = [];
    const notOpen = 1_000_000;
    const file = {
      owner: {},
      open: async () => notOpen,
      closeFailed: (error: unknown) => void errors.push(error),
    };
    const pool = new FilePool(1);
    await pool.use(file, async () => {});
    await pool.closeOwned(file.owner);
    expect(errors).toEqual([expect.objectContaining({ code: 'EBADF' })]);
  });
});

describe('a file handle that nobody uses', () => {
  /** A pool of its own clock, after so many of the looks for what is unused. */
  function poolOnClock(maxOpenFiles: number) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const pool = new FilePool(maxOpenFiles);
    const turns = countTurns();
    return {
      pool,
      /** One look, until so many are open. */
      async look(openFiles: number) {
        vi.advanceTimersByTime(diskLimits.unusedFileMs);
        await turns.until(() => pool.openFiles === openFiles);
      },
    };
  }

  it('is closed after a while, and opened anew for whoever comes then', async () => {
    const [idle, busy] = await countedFiles(2);
    if (!idle || !busy) throw new Error('no files');
    const { pool, look } = poolOnClock(4);
    for (const file of [idle, busy]) await pool.use(file, readText);
    await look(2);
    expect(await pool.use(busy, readText)).toBe(busy.text);
    await look(1);
    for (const file of [idle, busy]) expect(await pool.use(file, readText)).toBe(file.text);
    expect([idle.opened, busy.opened]).toEqual([2, 1]);
    await pool.closeOwned(idle.owner);
  });

  it('costs one timer for all that are open, which ends with the last of them', async () => {
    const files = await countedFiles(50);
    const { pool, look } = poolOnClock(40);
    expect(vi.getTimerCount()).toBe(0);
    await Promise.all(files.map((file) => pool.use(file, readText)));
    expect(vi.getTimerCount()).toBe(1);
    await look(40);
    expect(vi.getTimerCount()).toBe(1);
    await look(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is one that nobody holds, however long somebody does', async () => {
    const [held] = await countedFiles(1);
    if (!held) throw new Error('no file');
    const { pool, look } = poolOnClock(1);
    const { open, opened } = gate();
    const use = pool.use(held, async (descriptor) => {
      await opened;
      return readText(descriptor);
    });
    for (let nth = 0; nth < 10; nth += 1) await look(1);
    open();
    expect(await use).toBe(held.text);
    await look(1);
    await look(0);
    expect(held.opened).toBe(1);
  });

  it('makes room for another as it is closed, where the system allows no more', async () => {
    const [unused, next] = await countedFiles(2);
    if (!unused || !next) throw new Error('no files');
    const { pool, look } = poolOnClock(4);
    await pool.use(unused, readText);
    await look(1);
    vi.advanceTimersByTime(diskLimits.unusedFileMs);
    let refusals = 0;
    const limited = {
      ...next,
      async open() {
        if (pool.openFiles === 1) return next.open();
        refusals++;
        throw new HelperError('FILES_EXHAUSTED', 'too many');
      },
    };
    expect(await pool.use(limited, readText)).toBe(next.text);
    expect(refusals).toBe(1);
    await pool.closeOwned(next.owner);
    expect(pool.openFiles).toBe(0);
  });

  it('is told that it closed with an error, before its owner’s are said to be closed', async () => {
    const errors: unknown[] = [];
    const file = {
      owner: {},
      open: async () => 1_000_000,
      closeFailed: (error: unknown) => void errors.push(error),
    };
    const { pool, look } = poolOnClock(1);
    await pool.use(file, async () => {});
    await look(1);
    vi.advanceTimersByTime(diskLimits.unusedFileMs);
    await pool.closeOwned(file.owner);
    expect(errors).toEqual([expect.objectContaining({ code: 'EBADF' })]);
  });
});
