// @ts-check
// One run of one downloader, and many of several in turn.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endAll } from '../programs/processes.mjs';
import { sha1Of } from '../programs/torrent.mjs';

const downloadTimeoutMs = 300_000;

/**
 * @typedef {object} Measurement
 * @property {number} wallMs From the order to the last piece.
 * @property {number} cpuSeconds Of the whole process, from its start to its end.
 * @property {number} peakBytes
 */

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {import('../programs/downloaders.mjs').Downloader} downloader
 * @param {import('../scene.mjs').Task} task
 * @returns {Promise<Measurement>}
 */
export async function measureDownload(bench, downloader, task) {
  return inOwnFolder(bench, async (folder) => {
    const leecher = await downloader.start(task, folder);
    const startedAtMs = performance.now();
    leecher.begin();
    await leecher.done(downloadTimeoutMs);
    const wallMs = performance.now() - startedAtMs;
    const usage = await leecher.end();
    await compare(task.contents, folder, downloader.name);
    return { ...usage, wallMs };
  });
}

/**
 * Started, and ended as soon as it is ready.
 *
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {import('../programs/downloaders.mjs').Downloader} downloader
 */
export async function measureStart(bench, downloader) {
  return inOwnFolder(bench, async (folder) => {
    const idle = await downloader.start({ torrents: [], encryption: 'as it comes' }, folder);
    return idle.end();
  });
}

/**
 * Runs `run` with an empty folder, which is gone afterwards. If it fails, so does its row, and nobody of it may go on
 * to write into that folder or to take time from the others.
 *
 * @template T
 * @param {import('../workbench.mjs').Workbench} bench
 * @param {(folder: string) => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function inOwnFolder(bench, run) {
  const folder = await mkdtemp(join(bench.folder, 'run-'));
  try {
    return await run(folder);
  } catch (thrown) {
    await endAll();
    throw thrown;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/**
 * All of them in turn, and in the other order the next time: whatever drifts, drifts for all.
 *
 * @template {string} Name
 * @template T
 * @param {number} runs
 * @param {Readonly<Record<Name, (() => Promise<T>) | undefined>>} subjects
 * @param {(name: Name, result: T) => void} [onResult]
 * @returns {Promise<Record<Name, T[]>>}
 */
export async function alternate(runs, subjects, onResult) {
  const names = /** @type {Name[]} */ (Object.keys(subjects));
  /** @type {[Name, T[]][]} */
  const none = names.map((name) => [name, []]);
  const results = /** @type {Record<Name, T[]>} */ (Object.fromEntries(none));
  for (let run = 0; run < runs; run += 1) {
    for (const name of run % 2 === 0 ? names : names.toReversed()) {
      const result = await subjects[name]?.();
      if (result === undefined) continue;
      results[name].push(result);
      onResult?.(name, result);
    }
  }
  return results;
}

/**
 * @param {readonly import('../programs/torrent.mjs').Content[]} contents
 * @param {string} folder
 * @param {string} downloader
 */
export async function compare(contents, folder, downloader) {
  for (const { name, sha1 } of contents) {
    if ((await sha1Of(join(folder, name))) !== sha1) throw new Error(`${downloader}: a wrong file`);
  }
}
