// A disk of a few kilobytes, of memory, that can be filled, enlarged and made read-only. It takes root, and Linux.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface SmallDisk {
  readonly path: string;
  /** As of `mount -o remount`: `size=1m`, `ro`, `rw`. */
  remount(options: string): Promise<void>;
  remove(): Promise<void>;
}

/** Undefined where one may not mount. */
export async function mountSmallDisk(size: string): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'small-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  } catch {
    await rm(path, { recursive: true });
    return undefined;
  }
  return {
    path,
    remount: async (options) => void (await run('mount', ['-o', `remount,${options}`, path])),
    async remove() {
      await run('umount', ['-l', path]);
      await rm(path, { recursive: true });
    },
  };
}
