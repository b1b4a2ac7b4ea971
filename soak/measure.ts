// What a process takes, as /proc tells it.
import { readdir, readFile } from 'node:fs/promises';

export interface Figures {
  readonly residentMib: number;
  /** What JavaScript holds in all threads after garbage was collected; 0 where that was not done. */
  readonly heapMib: number;
  readonly descriptors: number;
  readonly threads: number;
  /** User and system time since the process began. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;

/** Undefined if there is no such process. */
export async function measure(pid: number): Promise<Figures | undefined> {
  try {
    const [status, stat, descriptors] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readdir(`/proc/${pid}/fd`),
    ]);
    const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
    return {
      heapMib: 0,
      residentMib: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
      descriptors: descriptors.length,
      threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
      cpuSeconds: (Number(user) + Number(system)) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}

/** The mean of each; `cpuSeconds` is what passed between the first and the last. */
export function average(samples: readonly Figures[]): Figures {
  const mean = (of: (figures: Figures) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / Math.max(1, samples.length);
  return {
    residentMib: mean(({ residentMib }) => residentMib),
    heapMib: mean(({ heapMib }) => heapMib),
    descriptors: mean(({ descriptors }) => descriptors),
    threads: mean(({ threads }) => threads),
    cpuSeconds: (samples.at(-1)?.cpuSeconds ?? 0) - (samples[0]?.cpuSeconds ?? 0),
  };
}
