// `bittorrent-helper inspect FILE`: serves the inspector's page with what a helper has recorded, until it is told to stop. Nothing of a
// helper is started.
import { once } from 'node:events';
import { readRecording } from '../inspection/recording/read-recording.js';
import { startInspector } from '../inspection/server/start-inspector.js';
import { namePortOption } from '../options/resolve-options.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import type { InspectCommand } from './arguments/parse-arguments.js';
import { exitCodes, type Terminal } from './terminal.js';
import { writeOut } from './write-out.js';

export async function runInspect(
  { file, port }: InspectCommand,
  { stdout, stderr, stopSignal }: Terminal,
): Promise<number> {
  const recording = await readRecording(file, { signal: stopSignal }).catch((error: unknown) => {
    if (!stopSignal.aborted) throw error;
  });
  if (recording === undefined) return exitCodes.done;
  const opening = startInspector(recording, { port });
  const inspector = await namePortOption('--port', port ?? 0, opening);
  for (const each of recording.source.notes ?? []) {
    stderr.write(`bittorrent-helper: ${escapeForTerminal(`${file}: ${each}`)}\n`);
  }
  const stopped = stopSignal.aborted ? undefined : once(stopSignal, 'abort');
  try {
    // A reader that has seen enough is no reason to stop serving, nor is one that does not read.
    const told = writeOut(stdout, `${inspector.url}\n`);
    await Promise.race([told.then(() => stopped), stopped]);
  } finally {
    await inspector.close();
  }
  return exitCodes.done;
}
