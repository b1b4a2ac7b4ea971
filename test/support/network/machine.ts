// A machine that programs of a story run on: this one, or a network namespace that stands for one.
import { execFile } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { withoutProxies } from '../processes/without-proxies.js';

const run = promisify(execFile);
const runTimeoutMs = 10_000;

export interface Machine {
  /** The address by which others reach it. */
  readonly address: string;
  /** What a command begins with to run there. */
  readonly prefix: readonly string[];
}

export const loopback: Machine = { address: '127.0.0.1', prefix: [] };

/** This machine by an address that is not the loopback one, if it has any. */
export function thisMachine(): Machine | undefined {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal);
  return own && { address: own.address, prefix: [] };
}

/** Runs a program to its end, and resolves with what it wrote to stdout. Rejects if it fails. */
export async function runOn(machine: Machine, command: readonly string[]): Promise<string> {
  const [program = '', ...args] = [...machine.prefix, ...command];
  const options = { env: withoutProxies(), timeout: runTimeoutMs };
  const { stdout } = await run(program, args, options);
  return stdout;
}
