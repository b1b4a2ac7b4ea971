import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openFlags } from '../../../../src/files/open-flags.js';
import type { FileTask } from '../../../../src/files/thread/file-task.js';
import { createSmallFiles, type SmallFileWork } from '../../../../src/files/thread/small-files.js';
import { writeFiles } from '../../../support/disks/content-files.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const enough = 200;

function writing(kind: 'create' | 'replace', path: string, text = basename(path)): FileTask {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  const bytes = Buffer.from(text);
  return { kind, path, temporary, bytes, flags: openFlags.read, isSynced: true };
}

function reading(path: string, maxBytes = 100): FileTask {
  return { kind: 'read', path, flags: 0, looksFirst: true, maxBytes };
}

/** What became of each task: the thread's answer, or `pool`. */
async function kinds(files: SmallFileWork, tasks: readonly FileTask[]): Promise<readonly string[]> {
  const inPool = async () => 'pool';
  return Promise.all(tasks.map((task) => files.run(task, inPool, ({ kind }) => kind)));
}

/** So much that there is a thread, which takes the rest. */
function busy(options?: Parameters<typeof createSmallFiles>[0]) {
  const files = createSmallFiles(options);
  const many = Array.from({ length: enough }, () => reading(at('nothing')));
  return { files, begun: kinds(files, many) };
}

describe('small work with files', () => {
  it('is the thread pool’s as long as there is little of it', async () => {
    const files = createSmallFiles();
    const few = [1, 2, 3, 4, 5].map((n) => writing('create', at(`${n}`)));
    expect(await kinds(files, few)).toEqual(few.map(() => 'pool'));
    expect(files.hasThread).toBe(false);
  });

  it('is in the thread pool eight at a time, until it is worth a thread', async () => {
    const files = createSmallFiles();
    let running = 0;
    let most = 0;
    const inPool = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 'pool';
    };
    const some = Array.from({ length: 40 }, () =>
      files.run(reading(at('nothing')), inPool, ({ kind }) => kind),
    );
    expect(new Set(await Promise.all(some))).toEqual(new Set(['pool']));
    expect(most).toBe(8);
  });

  it('is done by a thread where there is much of it, and that ends when nothing is left', async () => {
    const { files, begun } = busy({ idleMs: 0 });
    expect(files.hasThread).toBe(true);
    expect((await begun).filter((kind) => kind === 'nothing').length).toBeGreaterThan(enough - 10);
    await vi.waitUntil(() => !files.hasThread);
  });

  it('creates files, and leaves alone what lies there', async () => {
    const { files, begun } = busy();
    await writeFiles(at(), { theirs: 'ours', longer: 'longer than', same: 'same' });
    await mkdir(at('folder'));
    await symlink('same', at('link'));
    await symlink('nowhere', at('dangling'));
    const names = ['new', 'theirs', 'longer', 'folder', 'dangling', 'link', 'same'];
    const tasks = names.map((name) => writing('create', at(name), name === 'link' ? 'same' : name));
    expect(await kinds(files, tasks)).toEqual(['done', ...Array(5).fill('taken'), 'same']);
    expect(await readFile(at('new'), 'utf8')).toBe('new');
    expect(await readFile(at('theirs'), 'utf8')).toBe('ours');
    expect((await readdir(at())).sort()).toEqual([...names].sort());
    await begun;
  });

  it('replaces files, and leaves nothing behind where it cannot', async () => {
    const { files, begun } = busy();
    await writeFiles(at(), { 'folder/inside': 'x', old: 'old' });
    const tasks = [
      ...['old', 'new', 'folder'].map((name) => writing('replace', at(name), 'new')),
      writing('replace', at('no', 'file')),
    ];
    expect(await kinds(files, tasks)).toEqual(['done', 'done', 'pool', 'pool']);
    expect(await readFile(at('old'), 'utf8')).toBe('new');
    expect((await readdir(at())).sort()).toEqual(['folder', 'new', 'old']);
    await begun;
  });

  it('reads files, unless they are larger than asked for, or none', async () => {
    const { files, begun } = busy();
    await writeFiles(at(), { small: 'small', large: 'x'.repeat(101) });
    await mkdir(at('folder'));
    const read = await files.run(
      reading(at('small')),
      async () => '',
      (answer) => (answer.kind === 'bytes' ? Buffer.from(answer.bytes).toString() : answer.kind),
    );
    expect(read).toBe('small');
    const others = ['large', 'folder', 'nothing'].map((name) => reading(at(name)));
    expect(await kinds(files, others)).toEqual(['pool', 'pool', 'nothing']);
    await begun;
  });

  it('is done in the thread pool after all when the thread cannot be, or dies', async () => {
    const { files, begun } = busy({ workerSource: 'process.exit()' });
    expect(new Set(await begun)).toEqual(new Set(['pool']));
    expect(files.hasThread).toBe(false);
    // Not tried again.
    const many = Array.from({ length: enough }, () => reading(at('nothing')));
    const again = kinds(files, many);
    expect(files.hasThread).toBe(false);
    await again;
  });
});
