// Network namespaces of Linux that stand for machines: they reach each other over a wire of their own and nothing else
// reaches them. Only root may make them.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Machine } from './machine.js';
import type { Need } from './need.js';

export const namespaces: Need = {
  isMet: canMakeNamespaces(),
  otherwise: 'only root on Linux, with iproute2, may make network namespaces',
};

/** The machines of a network, by the names that were given; there from before the first test to after the last. */
export interface Network<Name extends string> {
  machine(name: Name): Machine;
}

/** A wire between two machines, and the address of each at its end of it. */
export interface Wire<Name extends string> {
  readonly ends: readonly [Name, Name];
  readonly addresses: readonly [string, string];
  /** Further addresses of the second: whoever is one of many. */
  readonly aliases?: readonly string[];
}

/** What a machine takes names for, in the way of /etc/hosts: `10.0.0.1 tracker.test`. */
export type HostsOf<Name extends string> = Readonly<Partial<Record<Name, readonly string[]>>>;

/** A machine's address is that of the last wire that ends there. */
export function useNetwork<Name extends string>(
  wires: readonly Wire<Name>[],
  hostsOf?: HostsOf<Name>,
): Network<Name> {
  const tag = randomBytes(3).toString('hex');
  const machines = new Map<Name, Machine>();
  const namespaceOf = (name: Name) => `network-${tag}-${name}`;

  /** Gives back the name of its namespace. */
  const add = (name: Name, address: string): string => {
    const namespace = namespaceOf(name);
    const isNew = !machines.has(name);
    if (isNew) ip('netns', 'add', namespace);
    machines.set(name, { address, prefix: ['ip', 'netns', 'exec', namespace] });
    if (isNew) ip('-n', namespace, 'link', 'set', 'lo', 'up');
    const hosts = hostsOf?.[name];
    if (isNew && hosts !== undefined) writeHosts(namespace, hosts);
    return namespace;
  };

  beforeAll(() => {
    if (!namespaces.isMet) return;
    for (const [index, { ends, addresses, aliases = [] }] of wires.entries()) {
      const link = `wire${index}`;
      const [near, far] = [add(ends[0], addresses[0]), add(ends[1], addresses[1])];
      ip('link', 'add', link, 'netns', near, 'type', 'veth', 'peer', 'name', link, 'netns', far);
      plug(near, link, addresses[0]);
      plug(far, link, addresses[1], ...aliases);
    }
  });
  afterAll(() => {
    for (const name of machines.keys()) {
      ip('netns', 'delete', namespaceOf(name));
      rmSync(etcOf(namespaceOf(name)), { recursive: true, force: true });
    }
  });

  return {
    machine(name) {
      const machine = machines.get(name);
      if (machine === undefined) throw new Error(`no machine ${name} in this network`);
      return machine;
    },
  };
}

function plug(namespace: string, link: string, ...addresses: readonly string[]): void {
  for (const address of addresses) {
    // An address of IPv6 is there at once if nobody asks whether another has it.
    const how = isIPv6(address) ? [`${address}/64`, 'nodad'] : [`${address}/24`];
    ip('-n', namespace, 'address', 'add', ...how, 'dev', link);
  }
  ip('-n', namespace, 'link', 'set', link, 'up');
}

/** What `ip netns exec` puts in the place of /etc. */
function etcOf(namespace: string): string {
  return join('/etc/netns', namespace);
}

function writeHosts(namespace: string, hosts: readonly string[]): void {
  mkdirSync(etcOf(namespace), { recursive: true });
  writeFileSync(join(etcOf(namespace), 'hosts'), `${hosts.join('\n')}\n`);
}

function canMakeNamespaces(): boolean {
  const name = `network-${randomBytes(3).toString('hex')}-try`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    return true;
  } catch {
    return false;
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
