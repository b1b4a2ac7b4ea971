// Strangers who attack all along, as long as the soak lasts: idle connections to the peer port and the tracker's, and a flood
// of messages. Root has them in a network namespace, with an address of their own; else they come from the loopback interface,
// where only the limits for all together hold, and there are fewer of them.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Processes } from '../helper/processes.js';
import type { TestedHelper } from '../helper/tested-helper.js';
import type { Journal } from '../journal.js';
import type { Slot } from '../tasks/slot.js';

/** Where they come from, and by which address they reach the helpers. */
export interface StrangersPlace {
  readonly name: string;
  readonly own: string;
  readonly target: string;
  readonly prefix: readonly string[];
  /** Idle connections to each port. */
  readonly idle: number;
  close(): void;
}

/** A wire into a namespace, where that can be made. */
export function openStrangersPlace(): StrangersPlace {
  const tag = randomBytes(3).toString('hex');
  const [namespace, link] = [`soak-${tag}`, `soak-${tag}`];
  const net = `10.79.${randomBytes(1)[0]}`;
  const [target, own] = [`${net}.1`, `${net}.2`];
  const close = () => void tryIp('netns', 'delete', namespace);
  const isThere =
    tryIp('netns', 'add', namespace) &&
    tryIp('link', 'add', link, 'type', 'veth', 'peer', 'name', 'wire', 'netns', namespace) &&
    tryIp('address', 'add', `${target}/24`, 'dev', link) &&
    tryIp('link', 'set', link, 'up') &&
    tryIp('-n', namespace, 'address', 'add', `${own}/24`, 'dev', 'wire') &&
    tryIp('-n', namespace, 'link', 'set', 'wire', 'up');
  if (isThere) {
    const prefix = ['ip', 'netns', 'exec', namespace];
    return { name: 'a network namespace', own, target, prefix, idle: 100, close };
  }
  close();
  const [loopback, other] = ['127.0.0.1', '127.0.0.2'];
  return {
    name: 'the loopback interface',
    ...{ own: process.platform === 'linux' ? other : loopback, target: loopback, prefix: [] },
    ...{ idle: 20, close: () => {} },
  };
}

export interface StrangersOptions {
  readonly root: string;
  readonly folder: string;
  readonly place: StrangersPlace;
  readonly helpers: readonly TestedHelper[];
  readonly trackerPorts: ReadonlyMap<TestedHelper, number>;
  readonly slots: readonly Slot[];
  readonly processes: Processes;
  readonly journal: Journal;
}

/** They are ended with all other processes. */
export async function startStrangers(options: StrangersOptions): Promise<void> {
  const { root, folder, place, helpers, trackerPorts, slots, processes, journal } = options;
  const attack = async (what: string, helper: TestedHelper, file: string, ...args: string[]) => {
    const program = join(root, 'test/support/attackers', file);
    const command = [...place.prefix, process.execPath, program, place.own, place.target, ...args];
    await processes.start(command, { cwd: folder });
    journal.count(`${what}, all along, from ${place.name}`, helper.name);
  };
  for (const helper of helpers) {
    const ports = [helper.peerPort, trackerPorts.get(helper)].filter((port) => port !== undefined);
    for (const port of ports) {
      const args = [String(port), String(place.idle)];
      await attack('idle connections of a stranger', helper, 'idle-connections.mjs', ...args);
    }
    const slot = slots.find(({ publisher }) => publisher === helper);
    if (slot === undefined) continue;
    const args = [String(helper.peerPort), slot.publication.infoHash];
    await attack('a stranger’s flood of messages', helper, 'restless-peer.mjs', ...args);
  }
}

function tryIp(...args: readonly string[]): boolean {
  try {
    execFileSync('ip', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
