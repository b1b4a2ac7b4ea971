// What a process took of memory and disk so far, as /proc tells it (Linux).
import { readFile } from 'node:fs/promises';
import type { HelperProcess } from './helper-process.js';

/** USER_HZ of Linux. */
const ticksPerSecond = 100;

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

/** The CPU time that it and its threads have taken, in seconds. */
export async function cpuSeconds({ child }: HelperProcess): Promise<number> {
  const text = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
