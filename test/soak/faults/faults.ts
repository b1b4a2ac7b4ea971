// What goes wrong around the helpers, and inside of them: kinds of faults, one fault of each kind at a time.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../support/random.js';
import type { TestedHelper } from '../helper/tested-helper.js';
import type { Journal } from '../journal.js';
import type { Part } from '../parse-options.js';
import type { Slot } from '../tasks/slot.js';
import { pause } from '../waiting/waiting.js';
import type { ExternalTracker } from './external-tracker.js';
import { hostilePeers } from './hostile-peers.js';
import type { WebServer } from './web-server.js';

export interface Scene {
  readonly helpers: readonly TestedHelper[];
  /** Those of the helpers that are killed all along. */
  readonly killable: readonly TestedHelper[];
  readonly slots: readonly Slot[];
  readonly tracker: ExternalTracker;
  readonly web: WebServer;
  readonly folder: string;
  readonly trackerPorts: ReadonlyMap<TestedHelper, number>;
  readonly journal: Journal;
  readonly over: AbortSignal;
}

export interface Fault {
  readonly part: Part;
  /** Between two of the kind. */
  readonly meanPauseMs: number;
  readonly carryOut: (scene: Scene, random: Random) => Promise<void>;
}

const engineFaults = ['throw', 'reject', 'hang', 'allocate', 'exit', 'throw a torrent'] as const;
/** The third throw in a torrent's name fails its job, as promised. */
const mostThrowsOfOne = 2;
const engineStopMs = 90_000;
/** Their answers are more than fits into a pipe. */
const lists = 50;

export function faults(): readonly Fault[] {
  const throws = new Map<string, number>();

  const engine: Fault['carryOut'] = async ({ helpers, slots, journal }, random) => {
    const helper = random.pick(helpers);
    if (!helper.isEngineUp) return;
    const fault = random.pick(engineFaults);
    let text: string = fault;
    if (fault === 'throw a torrent') {
      const slot = random.pick(slots.filter(({ publisher }) => publisher === helper));
      const { infoHash } = slot.publication;
      const key = `${helper.name} ${infoHash}`;
      const count = throws.get(key) ?? 0;
      if (count >= mostThrowsOfOne) return;
      throws.set(key, count + 1);
      text = `throw ${infoHash}`;
    }
    await helper.whileAlive(async () => {
      await writeFile(helper.faultFile, text);
      helper.expectEngineStop();
      const before = helper.engineStops;
      journal.count(`engine killed: ${fault}`, helper.name);
      helper.signal('SIGUSR2');
      const beganMs = performance.now();
      const isHeard = await helper.ledger.bell.until(
        () => helper.engineStops > before,
        engineStopMs,
      );
      journal.lasted('an engine found dead', performance.now() - beganMs);
      if (!isHeard) journal.complain(`${helper.name}: nothing heard of the engine's end (${text})`);
    });
  };

  const freeze: Fault['carryOut'] = async ({ helpers, journal, over }, random) => {
    const helper = random.pick(helpers);
    await deaf(helper, async () => {
      journal.count('helper stopped and continued (SIGSTOP, SIGCONT)', helper.name);
      helper.signal('SIGSTOP');
      await pause(2_000 + random.below(8_000), over);
      helper.signal('SIGCONT');
      // It has some seconds of work to catch up with.
      await pause(2_000, over);
    });
  };

  const stall: Fault['carryOut'] = async ({ helpers, journal, over }, random) => {
    const helper = random.pick(helpers);
    await deaf(helper, async () => {
      journal.count('parent that does not read', helper.name);
      helper.pauseReading();
      helper.ledger.expectLists(lists);
      await helper.tell(Buffer.from('list:\n'.repeat(lists)));
      await pause(5_000 + random.below(10_000), over);
      helper.readOn();
      // Until what was asked for meanwhile is said, and no `list:` is under way.
      await pause(5_000, over);
    });
  };

  const tracker: Fault['carryOut'] = async ({ tracker, journal, over }, random) => {
    if (random.chance(0.5)) {
      journal.count('tracker killed and started again, knowing nothing');
      await tracker.kill();
      await pause(random.below(10_000), over);
      await tracker.start();
    } else {
      journal.count('tracker hung for some seconds');
      tracker.signal('SIGSTOP');
      await pause(5_000 + random.below(15_000), over);
      tracker.signal('SIGCONT');
    }
  };

  const hostile: Fault['carryOut'] = async (scene, random) => {
    const slot = random.pick(scene.slots);
    const helper = random.pick([slot.publisher, slot.fetcher]);
    const { peerPort } = helper;
    if (peerPort === 0) return;
    const { name, attack } = random.pick(hostilePeers);
    const { infoHash } = slot.publication;
    scene.journal.count(name, helper.name);
    const trackerPort = scene.trackerPorts.get(helper);
    await attack({ peerPort, trackerPort, infoHash }, random, scene.over);
  };

  const kill: Fault['carryOut'] = async ({ killable, journal }, random) => {
    const helper = random.pick(killable);
    journal.count('helper killed (SIGKILL) and started again with its session', helper.name);
    await helper.killAndRestart();
  };

  return [
    { part: 'engine', meanPauseMs: 30_000, carryOut: engine },
    { part: 'freeze', meanPauseMs: 30_000, carryOut: freeze },
    { part: 'stall', meanPauseMs: 30_000, carryOut: stall },
    { part: 'tracker', meanPauseMs: 40_000, carryOut: tracker },
    { part: 'hostile', meanPauseMs: 2_000, carryOut: hostile },
    { part: 'hostile', meanPauseMs: 2_000, carryOut: hostile },
    { part: 'kill', meanPauseMs: 25_000, carryOut: kill },
    { part: 'fail', meanPauseMs: 5_000, carryOut: giveRubbish },
  ];
}

function deaf(helper: TestedHelper, task: () => Promise<void>): Promise<void> {
  return helper.whileAlive(() => helper.whileDeaf(task));
}

/** Instructions that cannot be carried out, and lines that are none. */
async function giveRubbish(scene: Scene, random: Random): Promise<void> {
  const { helpers, folder, web, journal } = scene;
  const helper = random.pick(helpers);
  const rubbish = join(folder, 'rubbish.torrent');
  await writeFile(rubbish, random.bytes(300));
  const failing = [
    'file:',
    `file:${join(folder, 'not there')}`,
    'torrent:',
    `torrent:${join(folder, 'not there.torrent')}`,
    `torrent:${rubbish}`,
    `torrent:${web.deadUrl}`,
    'torrent:http://127.0.0.1:1/x.torrent',
    'magnet:?nothing',
  ];
  const lines = [
    'pause:999999999',
    'delete:0',
    'move:1:',
    'Hello?',
    'x'.repeat(70_000),
    // No byte order mark, which would be heeded of what a helper hears first.
    Uint8Array.from([0x80, 0xfe, 0x0a]),
    '',
  ];
  if (random.chance(0.5)) {
    journal.count('line that is no instruction', helper.name);
    return helper.tell(random.pick(lines));
  }
  journal.count('job that cannot be done', helper.name);
  const job = await helper.ask(random.pick(failing), true);
  await helper.until(() => job.fate === 'failed', `job ${job.id} has failed as it must`);
}
