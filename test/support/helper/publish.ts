// A helper that nothing happens to: it seeds what the others of a story download.
import { join } from 'node:path';
import { freePort } from '../processes/free-port.js';
import type { Publication } from './helper-lines.js';
import { start } from './helper-process.js';

/** Publishes the file or folder `name` of `cwd`. Resolves when a tracker knows it. */
export async function publish(
  cwd: string,
  name: string,
  args: readonly string[] = [],
): Promise<Publication> {
  const state = ['--state-dir', join(cwd, '..', 'source-state')];
  const port = ['--tracker-port', `${await freePort()}`];
  const source = start([...state, ...port, ...args, `file:${name}`], { cwd });
  return source.published(1);
}
