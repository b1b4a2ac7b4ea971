// Peers that come and go: helpers and aria2 that live for one download, finish it or are killed in the middle of it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { aria2Options } from '../../support/clients/aria2-options.js';
import type { Random } from '../../support/random.js';
import { isWrong } from '../helper/broken.js';
import type { Processes } from '../helper/processes.js';
import type { Journal } from '../journal.js';
import { pause } from '../waiting/waiting.js';
import { type Content, isSame } from './content.js';
import type { Slot } from './slot.js';

export interface VisitOptions {
  readonly slots: readonly Slot[];
  readonly folder: string;
  readonly command: string;
  readonly trackerUrl: string;
  readonly processes: Processes;
  readonly journal: Journal;
  readonly random: Random;
  readonly over: AbortSignal;
}

const patienceMs = 300_000;
const mostTorrents = 12;

/** Downloads some torrents; now and then it is killed, and begins again where it was, or not at all. */
export async function visitAsHelper(options: VisitOptions): Promise<void> {
  const { random, slots, journal, over } = options;
  const chosen = choose(slots, 1 + random.below(mostTorrents), random);
  const dies = random.chance(0.5);
  const comesBack = random.chance(0.6);
  await visit(options, 'helper', chosen, async (folder, contents) => {
    if (dies) {
      const visitor = await startHelper(options, folder, chosen);
      await pause(300 + random.below(3_000), over);
      visitor.kill('SIGKILL');
      await visitor.exit;
      journal.count('downloading helper killed (SIGKILL)');
      if (!comesBack) return;
    }
    const beganMs = performance.now();
    const visitor = await startHelper(options, folder, chosen);
    const code = await inTime(visitor.exit, over);
    if (over.aborted) return visitor.kill('SIGKILL');
    if (code === undefined) {
      visitor.kill('SIGKILL');
      return journal.complain(`a helper did not finish its downloads in ${patienceMs} ms`);
    }
    journal.lasted('a short-lived helper has its downloads', performance.now() - beganMs);
    if (code !== 0) return journal.complain(`a downloading helper ended with ${code}`);
    await compare(folder, contents, journal, 'a short-lived helper');
    journal.count(
      dies ? 'downloading helper started again, finished' : 'downloading helper finished',
    );
  });
}

/** One torrent with aria2, which gives up early when a tracker is down: what it says it has is compared. */
export async function visitAsAria2(options: VisitOptions): Promise<void> {
  const { random, slots, processes, journal, over } = options;
  const chosen = choose(slots, 1, random);
  await visit(options, 'aria2', chosen, async (folder, contents) => {
    const dir = `--dir=${join(folder, 'downloads')}`;
    const torrents = chosen.map(({ publication }) => publication.torrentFile);
    const aria2 = await processes.start(
      ['aria2c', ...aria2Options('127.0.0.1'), '--seed-time=0', '--quiet', dir, ...torrents],
      { cwd: folder },
    );
    const limit = pause(random.chance(0.3) ? random.below(3_000) : 20_000, over);
    const code = await Promise.race([aria2.exit, limit]);
    aria2.kill('SIGKILL');
    await aria2.exit;
    if (code !== 0) return journal.count('aria2 left before its end');
    await compare(folder, contents, journal, 'aria2');
    journal.count('aria2 finished');
  });
}

/** Every torrent of every helper, once: they are all there, and whatever a first use costs is paid. */
export async function visitAll(options: VisitOptions): Promise<void> {
  const { slots, journal, over } = options;
  await visit(options, 'census', slots, async (folder, contents) => {
    const visitor = await startHelper(options, folder, slots);
    const code = await inTime(visitor.exit, over);
    visitor.kill('SIGKILL');
    if (over.aborted) return;
    if (code !== 0) return journal.complain(`not every torrent could be downloaded (${code})`);
    await compare(folder, contents, journal, 'a helper that downloads all');
    journal.count('all downloaded by one more helper');
  });
}

async function visit(
  { folder, journal }: VisitOptions,
  kind: string,
  slots: readonly Slot[],
  task: (folder: string, contents: readonly Content[]) => Promise<void>,
): Promise<void> {
  const ends = slots.map((slot) => slot.beginVisit());
  await mkdir(folder, { recursive: true });
  const own = await mkdtemp(join(folder, `${kind}-`));
  try {
    await task(
      own,
      slots.map(({ content }) => content),
    );
  } catch (error) {
    journal.complain(`a visit failed: ${String(error)}`);
  } finally {
    for (const end of ends) end();
    await rm(own, { recursive: true, force: true });
  }
}

async function startHelper(
  { command, trackerUrl, processes, journal }: VisitOptions,
  folder: string,
  slots: readonly Slot[],
) {
  const args = [
    ...['--no-dht', '--tracker', trackerUrl, '--max-active', '400'],
    ...['--state-dir', join(folder, 'state'), '--torrent-dir', folder],
    ...['--download-dir', join(folder, 'downloads')],
  ];
  const visitor = await processes.start([process.execPath, command, ...args], {
    cwd: folder,
    onStderr: (line) => {
      journal.note(`${basename(folder)} ! ${line}`);
      if (isWrong(line)) journal.complain(`a short-lived helper: ${line}`);
    },
  });
  for (const { publication } of slots) visitor.write(`torrent:${publication.torrentFile}\n`);
  visitor.closeInput();
  return visitor;
}

function choose(slots: readonly Slot[], count: number, random: Random): readonly Slot[] {
  const chosen = Array.from({ length: count }, () => random.pick(slots));
  return [...new Set(chosen)].filter(({ isOpen }) => isOpen);
}

async function inTime<T>(awaited: Promise<T>, over: AbortSignal): Promise<T | undefined> {
  const late = new AbortController();
  try {
    const signal = AbortSignal.any([over, late.signal]);
    return await Promise.race([awaited, pause(patienceMs, signal).then(() => undefined)]);
  } finally {
    late.abort();
  }
}

async function compare(
  folder: string,
  contents: readonly Content[],
  journal: Journal,
  who: string,
): Promise<void> {
  for (const content of contents) {
    if (await isSame(join(folder, 'downloads', content.name), content)) continue;
    journal.complain(`${who} has other bytes of ${content.name}`);
  }
}
