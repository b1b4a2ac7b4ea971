// Who takes part: three helpers under test, two of them measured, a tracker of its own process, one that never answers, a web
// server, and the slots between the helpers.
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/processes/free-port.js';
import { createRandom } from '../support/random.js';
import { startExternalTracker, startSilentTracker } from './faults/external-tracker.js';
import type { Scene } from './faults/faults.js';
import { openStrangersPlace, startStrangers } from './faults/strangers.js';
import { startWebServer } from './faults/web-server.js';
import type { Processes } from './helper/processes.js';
import { startTestedHelper, type TestedHelper } from './helper/tested-helper.js';
import type { Journal } from './journal.js';
import type { SoakOptions } from './parse-options.js';
import { type Crowd, publishCrowd } from './tasks/crowd.js';
import { openSlot, type Slot } from './tasks/slot.js';

export interface FullScene extends Scene {
  readonly command: string;
  readonly measured: readonly TestedHelper[];
  readonly crowd: Crowd;
  /** The address that strangers come from, if there are any. */
  readonly strangers: string | undefined;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly root: string;
  readonly folder: string;
  readonly options: SoakOptions;
  readonly processes: Processes;
  readonly journal: Journal;
  readonly over: AbortSignal;
}

/** So many slots have the helper that is killed all along at one of their ends. */
const killableSlots = 12;
const openedAtOnce = 20;

export async function setScene(given: SceneOptions): Promise<FullScene> {
  const { root, folder, options, processes, journal, over } = given;
  const random = createRandom(`${options.seed} scene`);
  const command = join(root, process.env.HELPER_DIST ?? 'dist', 'bin/bittorrent-helper.js');
  await stat(command);
  const port = () => freePort((end) => random.below(end));
  const tracker = await startExternalTracker({
    command,
    folder,
    processes,
    journal,
    port: await port(),
  });
  const silent = await startSilentTracker(await port());
  const web = await startWebServer(await port(), random);
  const trackerPorts = new Map<TestedHelper, number>();
  const place = options.with.has('strangers') ? openStrangersPlace() : undefined;

  const start = async (name: string, trackerArgs: readonly string[]) => {
    const home = join(folder, name);
    return startTestedHelper({
      name,
      command,
      processes,
      journal,
      over,
      folder: home,
      preloads: [
        join(root, 'test/support/engine/engine-fault.mjs'),
        join(root, 'test/soak/figures/collect-garbage.mjs'),
      ],
      args: [
        ...['--no-dht', '--session', name, ...trackerArgs],
        // Strangers reach it by another address than those it works with.
        ...(place === undefined ? [] : ['--listen', '0.0.0.0']),
        ...['--state-dir', join(home, 'state'), '--torrent-dir', join(home, 'torrents')],
        ...['--download-dir', join(home, 'downloads')],
      ],
    });
  };
  const withOwnTracker = async (name: string) => {
    const own = await port();
    const helper = await start(name, ['--tracker-port', String(own)]);
    trackerPorts.set(helper, own);
    return helper;
  };

  const alpha = await withOwnTracker('alpha');
  const beta = await start('beta', [
    ...['--tracker', tracker.announceUrl],
    ...['--tracker', silent.announceUrl],
  ]);
  const gamma = await withOwnTracker('gamma');

  const farFolder = await openFarFolder(folder);
  const pairs = [
    ...between(alpha, beta, options.torrents / 2),
    ...between(alpha, gamma, killableSlots / 2),
    ...between(gamma, beta, killableSlots / 2),
  ];
  const slots: Slot[] = [];
  const remaining = pairs.map((pair, index) => ({ ...pair, number: index + 1 }));
  const openOneByOne = async () => {
    for (let next = remaining.shift(); next; next = remaining.shift()) {
      over.throwIfAborted();
      slots.push(
        await openSlot({
          ...next,
          random: createRandom(`${options.seed} slot ${next.number}`),
          webUrl: web.urlOf,
          journal,
          farFolder,
        }),
      );
    }
  };
  await Promise.all(Array.from({ length: openedAtOnce }, openOneByOne));

  const crowd = await publishCrowd({
    helper: alpha,
    count: options.crowd,
    random: createRandom(`${options.seed} crowd`),
    journal,
  });

  if (place !== undefined) {
    const attacked = { helpers: [alpha, beta], trackerPorts, slots };
    await startStrangers({ root, folder, place, ...attacked, processes, journal });
  }

  return {
    command,
    helpers: [alpha, beta, gamma],
    measured: [alpha, beta],
    killable: [gamma],
    slots,
    crowd,
    strangers: place?.own,
    tracker,
    web,
    folder,
    trackerPorts,
    journal,
    over,
    async close() {
      await tracker.kill();
      silent.close();
      web.close();
      await processes.endAll();
      place?.close();
      if (farFolder !== undefined) await rm(farFolder, { recursive: true, force: true });
    },
  };
}

/** Half of them each way. */
function between(one: TestedHelper, other: TestedHelper, count: number) {
  return Array.from({ length: Math.ceil(count) }, (_, index) =>
    index % 2 === 0 ? { publisher: one, fetcher: other } : { publisher: other, fetcher: one },
  );
}

/** Where moving means copying. */
async function openFarFolder(folder: string): Promise<string | undefined> {
  for (const parent of ['/dev/shm', tmpdir()]) {
    const [here, there] = await Promise.all([stat(folder), stat(parent).catch(() => undefined)]);
    if (!there || there.dev === here.dev) continue;
    const path = await mkdtemp(join(parent, 'soak-far-')).catch(() => undefined);
    if (path === undefined) continue;
    await mkdir(path, { recursive: true });
    return path;
  }
  return undefined;
}
