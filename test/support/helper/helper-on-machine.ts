// Programs on a machine of a network, the built command among them: ended with the test.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Machine } from '../network/machine.js';
import { withoutProxies } from '../processes/without-proxies.js';
import { command, type HelperProcess, watch } from './helper-process.js';

/** Its peers reach it at that machine's address. */
export function startHelperOn(
  machine: Machine,
  args: readonly string[],
  cwd: string,
): HelperProcess {
  return startOn(machine, [command, '--host', machine.address, ...args], cwd);
}

/** `bittorrent-helper tracker`. */
export function startTrackerOn(machine: Machine, args: readonly string[]): HelperProcess {
  return startOn(machine, [command, 'tracker', ...args]);
}

/** One of test/support/attackers, which takes its orders as JSON. */
export function startAttacker(machine: Machine, name: string, orders: object): HelperProcess {
  const file = join(import.meta.dirname, `../attackers/${name}.mjs`);
  return startOn(machine, [file, JSON.stringify(orders)]);
}

function startOn(machine: Machine, script: readonly string[], cwd?: string): HelperProcess {
  const [program = '', ...args] = [...machine.prefix, process.execPath, ...script];
  return watch(spawn(program, args, { cwd, env: withoutProxies(), stdio: 'pipe' }));
}
