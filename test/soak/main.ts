// The soak: helpers that work for many minutes while everything around them, and in them, goes wrong. Every promise is
// watched all along; what they take at the end is compared with what they took after the beginning.
import { setMaxListeners } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { growths, tables, writeIntoDocs } from './figures/report.js';
import { createProcesses } from './helper/processes.js';
import { openJournal } from './journal.js';
import { parseOptions } from './parse-options.js';
import { type FullScene, setScene } from './scene.js';
import { shutDown } from './shut-down.js';
import { runSoak } from './soak.js';

const interrupted = 130;
/** In less time nothing gets warm. */
const shortestComparedMinutes = 5;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** The exit code: 0 if every promise was kept. */
export async function main(root: string, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'soak-')));
  const stop = new AbortController();
  // All that waits listens to it.
  setMaxListeners(0, stop.signal);
  say(`${options.minutes} minutes, ${options.torrents} torrents, --seed ${options.seed}`);
  say(`all that is said and done: ${join(folder, 'journal')}`);
  const journal = openJournal(join(folder, 'journal'), (line) => {
    // Those who are in the midst of something then know no better.
    if (!stop.signal.aborted) say(line);
  });
  const processes = createProcesses();
  const onSignal = () => {
    say(`${journal.time()} told to stop`);
    stop.abort();
    // Whoever waits for a helper hears of its end at once.
    void processes.endAll();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let scene: FullScene | undefined;
  try {
    scene = await setScene({ root, folder, options, processes, journal, over: stop.signal });
    say(`${journal.time()} every torrent is published and downloaded; now the soak`);
    const comparisons = await runSoak(scene, options, processes);
    stop.signal.throwIfAborted();
    await shutDown(scene, options);
    if (options.minutes >= shortestComparedMinutes) {
      for (const growth of growths(comparisons)) journal.complain(growth);
    }
    const report = tables(options, comparisons, journal);
    say(`\n${report}`);
    if (options.writes) await writeIntoDocs(join(root, 'docs/reliability.md'), report);
  } catch (error) {
    if (stop.signal.aborted) return interrupted;
    journal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await scene?.close();
    await processes.endAll();
    await journal.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    const isKept = options.keeps || (journal.complaints.length > 0 && !stop.signal.aborted);
    if (!isKept) await rm(folder, { recursive: true, force: true });
  }
  return journal.complaints.length > 0 ? 1 : 0;
}
