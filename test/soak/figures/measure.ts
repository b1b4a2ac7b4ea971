// What a process takes, as /proc tells it.
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Figures {
  /** Without `piecesMib`. */
  readonly residentMib: number;
  /**
   * What has been touched of the memory for pieces. That is one mapping of 64 MiB, of which no page goes back to the system
   * while its engine lives: so it says how many torrents were once at work together, and not what is still in use.
   */
  readonly piecesMib: number;
  /** What JavaScript uses in all threads after garbage was collected; 0 where that was not done. */
  readonly heapMib: number;
  /** Without the connections of strangers: how many of these there are is up to them, and to the limits. */
  readonly descriptors: number;
  /** Of those the files and folders. */
  readonly files: number;
  readonly strangers: number;
  readonly threads: number;
  /** User and system time since the process began. */
  readonly cpuSeconds: number;
}

const ticksPerSecond = 100;
const piecesKib = 64 * 1024;
/** The allocator puts a header before it, and the system makes one mapping of it and its neighbours, where they are alike. */
const mostBesideKib = 64 * 1024;

/** `strangers`: the IPv4 address that they come from. Undefined if there is no such process. */
export async function measure(pid: number, strangers?: string): Promise<Figures | undefined> {
  try {
    const [status, maps, stat, open, connections] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/smaps`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
      openOf(pid),
      readFile(`/proc/${pid}/net/tcp`, 'utf8'),
    ]);
    const theirs = strangers === undefined ? new Set() : socketsTo(strangers, connections);
    const ours = open.filter((target) => !theirs.has(target));
    const piecesMib = touchedOfPieces(maps);
    const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
    return {
      heapMib: 0,
      residentMib: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024 - piecesMib,
      piecesMib,
      descriptors: ours.length,
      files: ours.filter((target) => target.startsWith('/') && !target.startsWith('/dev/')).length,
      strangers: open.length - ours.length,
      threads: Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]),
      cpuSeconds: (Number(user) + Number(system)) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}

/** What each descriptor leads to. */
async function openOf(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const targets = (await readdir(folder)).map((name) => readlink(`${folder}/${name}`));
  const settled = await Promise.allSettled(targets);
  return settled.flatMap((target) => (target.status === 'fulfilled' ? [target.value] : []));
}

/** Those of the connections in `table`, as /proc/PID/net/tcp has it, whose other end is at `address`. */
function socketsTo(address: string, table: string): ReadonlySet<string> {
  const hex = Buffer.from(address.split('.').map(Number).reverse()).toString('hex').toUpperCase();
  const rows = table.split('\n').map((row) => row.trim().split(/\s+/));
  const theirs = rows.filter(([, , remote]) => remote?.startsWith(`${hex}:`));
  return new Set(theirs.map((row) => `socket:[${row[9]}]`));
}

/** Of all mappings that can hold the memory for pieces, in MiB. */
function touchedOfPieces(maps: string): number {
  let kib = 0;
  for (const map of maps.split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
    const sizeKib = Number(/^Size:\s+(\d+) kB/m.exec(map)?.[1]);
    const isPieces = sizeKib >= piecesKib && sizeKib <= piecesKib + mostBesideKib;
    if (isPieces && / rw-p /.test(map)) kib += Number(/^Rss:\s+(\d+) kB/m.exec(map)?.[1]);
  }
  return kib / 1024;
}

/** The mean of each; `cpuSeconds` is what passed between the first and the last. */
export function average(samples: readonly Figures[]): Figures {
  const mean = (of: (figures: Figures) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / Math.max(1, samples.length);
  return {
    residentMib: mean(({ residentMib }) => residentMib),
    piecesMib: mean(({ piecesMib }) => piecesMib),
    heapMib: mean(({ heapMib }) => heapMib),
    descriptors: mean(({ descriptors }) => descriptors),
    files: mean(({ files }) => files),
    strangers: mean(({ strangers }) => strangers),
    threads: mean(({ threads }) => threads),
    cpuSeconds: (samples.at(-1)?.cpuSeconds ?? 0) - (samples[0]?.cpuSeconds ?? 0),
  };
}
