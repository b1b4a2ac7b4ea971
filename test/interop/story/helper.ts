// The helper under test, as a user starts it: the built command in a process of its own.

import { type Publication, publicationIn, readyIn } from '../../support/helper/helper-lines.js';
import { command } from '../../support/helper/helper-process.js';
import { loopback, type Machine, runOn } from '../../support/network/machine.js';
import { freePort } from '../../support/processes/free-port.js';
import { percentEncoded } from '../../support/trackers/tracker-requests.js';
import type { Story } from './story.js';

export interface Helper {
  /** The announce URL of its embedded tracker. */
  readonly announceUrl: string;
  readonly peerPort: number;
  tell(instruction: string): void;
  /** Resolves when job `id` has been published. */
  published(id: number): Promise<Publication>;
  /** Resolves when job `id` says 0: it has joined its swarm and has nothing. */
  waits(id: number): Promise<void>;
  /** Resolves when job `id` says 100. */
  done(id: number): Promise<void>;
  /** Resolves with what stderr says of the failure of job `id`. */
  failed(id: number): Promise<string>;
}

export interface HelperChoice {
  readonly machine?: Machine;
  readonly name?: string;
  /** Default: the folder of its name in the story, where its torrents go too. */
  readonly downloadDir?: string;
  readonly options?: readonly string[];
}

/** Resolves when it is ready. */
export async function startHelper(
  story: Story,
  { machine = loopback, name = 'helper', downloadDir, options = [] }: HelperChoice = {},
): Promise<Helper> {
  const folder = story.path(name);
  const running = story.start(name, [
    ...machine.prefix,
    process.execPath,
    command,
    ...['--host', machine.address],
    ...['--torrent-dir', folder, '--download-dir', downloadDir ?? folder],
    ...['--tracker-port', String(await freePort())],
    '--no-dht',
    ...options,
  ]);
  const { lines, errorLines } = running;
  const ready = await story.until(`${name} is ready`, () => firstOf(errorLines, readyIn));
  return {
    announceUrl: ready.announceUrl ?? '',
    peerPort: ready.peerPort,
    tell: (instruction) => running.tell(instruction),
    async published(id) {
      const ofJob = (line: string) =>
        line.includes(`: job ${id} (`) ? publicationIn(line) : undefined;
      const found = await story.until(`${name} publishes job ${id}`, () =>
        firstOf(errorLines, ofJob),
      );
      await story.until(`${name} says 100 of job ${id}`, () => progress(lines, id, 100));
      return found;
    },
    async waits(id) {
      await story.until(`${name} says 0 of job ${id}`, () => progress(lines, id, 0));
    },
    async done(id) {
      await story.until(`${name} says 100 of job ${id}`, () => progress(lines, id, 100));
    },
    async failed(id) {
      const ofJob = (line: string) =>
        line.includes(`: job ${id} (`) && line.includes('): failed: ') ? line : undefined;
      return story.until(`job ${id} fails`, () => firstOf(errorLines, ofJob));
    },
  };
}

/** `bittorrent-helper tracker` alone. Resolves with its announce URL. */
export async function startTrackerAlone(
  story: Story,
  machine: Machine = loopback,
): Promise<string> {
  const options = ['--host', machine.address, '--port', String(await freePort())];
  const { lines } = story.start('tracker', [
    ...machine.prefix,
    ...[process.execPath, command, 'tracker', ...options],
  ]);
  return story.until('the tracker is ready', () => lines[0]);
}

/** Resolves when the tracker knows of a seeder. `machine` is one that reaches it. */
export async function seederAnnounced(
  story: Story,
  { announceUrl, infoHash }: { readonly announceUrl: string; readonly infoHash: string },
  machine: Machine = loopback,
): Promise<void> {
  const url = `${announceUrl.replace(/announce$/, 'scrape')}?info_hash=${percentEncoded(infoHash)}`;
  const script = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text())`;
  await story.until('a seeder has announced', async () => {
    const answer = await runOn(machine, [process.execPath, '--input-type=module', '-e', script]);
    return /8:completei[1-9]/.test(answer) ? true : undefined;
  });
}

function progress(lines: readonly string[], id: number, percent: number): string | undefined {
  return lines.find((line) => line.startsWith(`${id}:`) && line.endsWith(`:${percent}`));
}

function firstOf<T>(
  lines: readonly string[],
  read: (line: string) => T | undefined,
): T | undefined {
  for (const line of lines) {
    const found = read(line);
    if (found !== undefined) return found;
  }
  return undefined;
}
