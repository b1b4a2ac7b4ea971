// A disk of a test's own, in memory: it fills up, is enlarged, and can be made read-only. Mounting needs root, and Linux.
import { execFile, execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { scratchFolder } from './scratch-folder.js';

const run = promisify(execFile);
const sharedMemory = '/dev/shm';

export interface SmallDisk {
  readonly path: string;
  resize(bytes: number): Promise<void>;
  setWritable(isWritable: boolean): Promise<void>;
}

export interface Mount {
  /** At once, though something may still have a file open: that goes on reading and writing. */
  unmount(): Promise<void>;
}

/** Whether this system lets us mount. */
export const mayMount = tryMounting();
/** Whether `otherDisk` has another file system than the temporary folder's. */
export const hasOtherDisk = mayMount || deviceOf(sharedMemory) !== deviceOf(tmpdir());

/**
 * Gone with its test. To be mounted before the processes that use it are started, so that it outlives them.
 *
 * @param path a new folder if left out
 */
export async function mountSmallDisk(bytes: number, path?: string): Promise<SmallDisk> {
  const folder = path ?? (await scratchFolder());
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  unmountLater(folder);
  const remount = async (option: string) => {
    await run('mount', ['-o', `remount,${option}`, folder]);
  };
  return {
    path: folder,
    resize: (size) => remount(`size=${size}`),
    setWritable: (isWritable) => remount(isWritable ? 'rw' : 'ro'),
  };
}

/** Mounts a disk, or any folder, at a second path, over what lies there. Gone with its test. */
export async function mountAt(folder: string, path: string): Promise<Mount> {
  await mkdir(path, { recursive: true });
  await run('mount', ['--bind', folder, path]);
  return { unmount: unmountLater(path) };
}

/** At once, though something may still have a file open. */
function unmountLater(path: string): () => Promise<void> {
  let isMounted = true;
  const unmount = async () => {
    if (isMounted) await run('umount', ['--lazy', path]);
    isMounted = false;
  };
  onTestFinished(unmount);
  return unmount;
}

/** An empty folder on another file system, gone after the test. `sizeBytes` needs `mayMount`. */
export async function otherDisk(sizeBytes = 64 * 2 ** 20): Promise<string> {
  if (mayMount) return (await mountSmallDisk(sizeBytes)).path;
  const folder = await mkdtemp(join(sharedMemory, 'other-disk-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function tryMounting(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  try {
    // In a container that forbids mounts, root may not either; a namespace that goes with the command leaves no trace.
    const mount = ['mount', '-t', 'tmpfs', 'tmpfs', tmpdir()];
    execFileSync('unshare', ['--mount', ...mount], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}
