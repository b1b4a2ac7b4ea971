// A disk of a test's own, in memory: it fills up, is enlarged, and can be made to be read only. Mounting needs root.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const run = promisify(execFile);

export interface SmallDisk {
  readonly path: string;
  resize(bytes: number): Promise<void>;
  setWritable(isWritable: boolean): Promise<void>;
}

/** Whether this system lets us mount. */
export async function canMount(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'mount-'));
  try {
    await run('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
    await run('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Gone with its test. To be mounted before the processes that use it are started, so that it outlives them. */
export async function mountSmallDisk(path: string, bytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path]);
  // At once, though something may still hold a file open.
  onTestFinished(async () => void (await run('umount', ['--lazy', path])));
  const remount = async (option: string) => {
    await run('mount', ['-o', `remount,${option}`, path]);
  };
  return {
    path,
    resize: (size) => remount(`size=${size}`),
    setWritable: (isWritable) => remount(isWritable ? 'rw' : 'ro'),
  };
}
