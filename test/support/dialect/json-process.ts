// The built command with --json, and who speaks with it.
import type { HelperProcess, StartOptions } from '../helper/helper-process.js';
import { start } from '../helper/helper-process.js';
import { eachLine } from '../processes/child-lines.js';
import { DialectClient } from './dialect-client.js';

export interface JsonProcess {
  readonly process: HelperProcess;
  readonly client: DialectClient;
}

export function startJson(args: readonly string[], options: StartOptions = {}): JsonProcess {
  const process = start(['--json', '--no-dht', ...args], { ...options, unread: 'stdout' });
  const client = new DialectClient((line) => process.writeRaw(line));
  if (process.child.stdout) eachLine(process.child.stdout, (line) => client.take(line));
  return { process, client };
}
