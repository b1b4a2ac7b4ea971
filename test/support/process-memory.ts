// How much memory a process ever had, of what counts against the machine (Linux).
import { readFile } from 'node:fs/promises';
import type { HelperProcess } from './helper-process.js';

/** The high-water mark of its resident set, in bytes. */
export async function peakBytes({ child }: HelperProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
