// `bittorrent-helper tracker`: a tracker alone, for any info hash, until it is told to stop.
import { once } from 'node:events';
import { namePortOption, resolveOptions } from '../options/resolve-options.js';
import { startTracker } from '../tracker/start-tracker.js';
import type { TrackerCommand } from './parse-arguments.js';
import { exitCodes, type Terminal } from './terminal.js';

const DEFAULT_PORT = 6969;

export async function runTracker(
  { options }: TrackerCommand,
  { stdout, stopSignal }: Terminal,
): Promise<number> {
  const { host, listen, port } = resolveOptions({ ...options, port: options.port ?? DEFAULT_PORT });
  const opening = startTracker({ host, listen, port: { asked: port }, admit: 'any' });
  const tracker = await namePortOption('--port', port, opening);
  // A reader that has seen enough is no reason to stop serving.
  stdout.on('error', () => {});
  stdout.write(`${tracker.announceUrl}\n`);
  if (!stopSignal.aborted) await once(stopSignal, 'abort');
  await tracker.close();
  return exitCodes.done;
}
