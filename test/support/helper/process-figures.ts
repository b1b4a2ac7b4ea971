// What a process took of memory and disk so far, as /proc tells it (Linux).
import { readFile } from 'node:fs/promises';
import type { HelperProcess } from './helper-process.js';

/** The high-water mark of its resident set, in bytes. */
export async function peakBytes({ child }: HelperProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** How much it has read, of files and all else. */
export async function readBytes({ child }: HelperProcess): Promise<number> {
  const counters = await readFile(`/proc/${child.pid}/io`, 'utf8');
  return Number(/^rchar: (\d+)$/m.exec(counters)?.[1]);
}
