// @ts-check
// A helper with many jobs: how it is started, and how long its main thread has held.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { helperCommand } from '../programs/downloaders.mjs';
import { startMeasured } from '../programs/processes.mjs';

/** So many that none waits for another's end, whatever the build. */
export const allActive = ['--max-active', '10000'];
export const timeoutMs = 300_000;

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {string} dist
 * @param {string} folder Everything of it lies there.
 * @param {readonly string[]} options
 * @param {boolean} [isWatched] Whether the longest turn of its main thread is told; that costs it some time.
 */
export function startCrowded({ python }, dist, folder, options, isWatched = true) {
  const holdFile = join(folder, 'hold');
  const [node = '', program = ''] = helperCommand(dist);
  const recorder = join(import.meta.dirname, 'hold-recorder.cjs');
  const dirs = ['download', 'torrent', 'state'].flatMap((each) => [`--${each}-dir`, folder]);
  const helper = startMeasured(python, [
    ...(isWatched ? ['env', `HOLD_FILE=${holdFile}`, node, '--require', recorder] : [node]),
    program,
    ...['--host', '127.0.0.1', '--no-dht', ...dirs, ...options],
  ]);
  return {
    ...helper,
    /** @param {readonly string[]} lines */
    tellAll: (lines) => helper.tell(lines.join('\n')),
    /** How long that took, and the longest turn of its main thread in all its life. */
    async stop() {
      const beganAtMs = performance.now();
      const usage = await helper.abandon(timeoutMs);
      const stopSeconds = (performance.now() - beganAtMs) / 1000;
      const holdMs = Number(await readFile(holdFile, 'utf8').catch(() => 'NaN'));
      return { ...usage, stopSeconds, holdMs };
    },
  };
}
