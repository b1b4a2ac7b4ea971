// `bittorrent-helper tracker`: a tracker alone, for any info hash, until it is told to stop.
import { once } from 'node:events';
import { loneTrackerLimits } from '../limits.js';
import { namePortOption, resolveOptions } from '../options/resolve-options.js';
import { startTracker } from '../tracker/start-tracker.js';
import { usualTrackerPort } from '../tracker-protocol/announce-url.js';
import type { TrackerCommand } from './arguments/parse-arguments.js';
import { exitCodes, type Terminal } from './terminal.js';
import { writeOut } from './write-out.js';

export async function runTracker(
  { options }: TrackerCommand,
  { stdout, stopSignal }: Terminal,
): Promise<number> {
  const { host, listen, port } = resolveOptions({
    ...options,
    port: options.port ?? usualTrackerPort,
  });
  const opening = startTracker({
    host,
    listen,
    port: { asked: port },
    admit: 'any',
    limits: loneTrackerLimits,
  });
  const tracker = await namePortOption('--port', port, opening);
  const stopped = stopSignal.aborted ? undefined : once(stopSignal, 'abort');
  try {
    // A reader that has seen enough is no reason to stop serving, nor is one that does not read.
    const told = writeOut(stdout, `${tracker.announceUrl}\n`);
    await Promise.race([told.then(() => stopped), stopped]);
  } finally {
    await tracker.close();
  }
  return exitCodes.done;
}
