// A file system of its own for a test: a tmpfs of the given size where one may be mounted, else what lies in memory anyway.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const sharedMemory = '/dev/shm';

/** Whether a tmpfs can be mounted here. */
export const mayMount = tryMounting();
/** Whether `otherDisk` has another file system than the temporary folder's. */
export const hasOtherDisk = mayMount || deviceOf(sharedMemory) !== deviceOf(tmpdir());

/** An empty folder on another file system, gone after the test. `sizeBytes` needs `mayMount`. */
export async function otherDisk(sizeBytes = 64 * 2 ** 20): Promise<string> {
  const folder = await mkdtemp(join(mayMount ? tmpdir() : sharedMemory, 'other-disk-'));
  if (mayMount) mount(folder, sizeBytes);
  onTestFinished(async () => {
    if (mayMount) execFileSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

export function mount(folder: string, sizeBytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', folder]);
}

function tryMounting(): boolean {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return false;
  try {
    // In a container that forbids mounts, root may not either; a namespace that goes with the command leaves no trace.
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}
