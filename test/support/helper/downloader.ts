// A helper that downloads below a test's folder, and what it says where it will not write.
import { join } from 'node:path';
import { freePort } from '../processes/free-port.js';
import { type HelperProcess, start } from './helper-process.js';

export const downloadDirOf = (folder: string): string => join(folder, 'copy');

/** The next one of the same folder remembers what this one did. */
export async function startDownloader(
  folder: string,
  ...args: readonly string[]
): Promise<HelperProcess> {
  const dirs = ['--download-dir', downloadDirOf(folder), '--state-dir', join(folder, 'state')];
  const port = ['--tracker-port', `${await freePort()}`];
  return start(['--no-dht', ...dirs, ...port, ...args], { cwd: folder });
}

export async function stopDownloader(
  helper: HelperProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  helper.kill(signal);
  await helper.exit();
}

/** Waits until job `id` warns of that, and rejects as soon as it ends or says 100 instead. */
export function warned(helper: HelperProcess, code: string, id = 1): Promise<string> {
  return unlessEnded(helper, id, '(?:100|-2)', `: job ${id} \\(.*\\): warning: ${code}: `);
}

/** Waits until job `id` fails with that, and rejects as soon as it says 100 instead. */
export function failed(helper: HelperProcess, code: string, id = 1): Promise<string> {
  return unlessEnded(helper, id, '100', `: job ${id} \\(.*\\): failed: ${code}: `);
}

export const warningsOf = (helper: HelperProcess, code: string, id = 1): readonly string[] =>
  helper.stderr.filter((line) => new RegExp(`: job ${id} \\(.*\\): warning: ${code}: `).test(line));

function unlessEnded(
  helper: HelperProcess,
  id: number,
  ending: string,
  diagnostic: string,
): Promise<string> {
  const ended = helper.line(new RegExp(`^${id}:.*:${ending}$`)).then((line) => {
    throw new Error(`${line} was said, and nothing of ${diagnostic}`);
  });
  return Promise.race([helper.diagnostic(new RegExp(diagnostic)), ended]);
}
