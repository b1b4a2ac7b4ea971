// Lines for people on a stream, in bounded memory: if nobody reads them, the newest are left out, and a line says how
// many. A broken stream is no reason to stop: what cannot be told is dropped.
import type { Writable } from 'node:stream';

const maxWaitingLines = 1000;
/** They go in one write at the end of what runs now; so many at once. */
const mostInWrite = 256;

export interface LineWriter {
  /** @param line its line end included */
  write(line: string): void;
  /** Resolves when every line has left the process, or the stream is broken; give it a deadline. */
  end(): Promise<void>;
}

/** @param leftOut the line, its line end included, that tells how many are missing */
export function createLineWriter(
  output: Writable,
  { leftOut }: { readonly leftOut: (lineCount: number) => string },
): LineWriter {
  const waiting: string[] = [];
  let missingLines = 0;
  let isBroken = false;

  const pump = () => {
    if (isBroken || output.writableNeedDrain) return;
    if (missingLines > 0) waiting.push(leftOut(missingLines));
    missingLines = 0;
    if (waiting.length > 0) output.write(waiting.splice(0).join(''));
  };
  const breakDown = () => {
    isBroken = true;
    waiting.length = 0;
  };
  output.on('drain', pump);
  output.on('error', breakDown);
  output.on('close', breakDown);

  return {
    write(line) {
      if (isBroken) return;
      // Once some are missing, the rest waits its turn behind the line that says so.
      if (missingLines > 0 || waiting.length === maxWaitingLines) missingLines += 1;
      else waiting.push(line);
      if (waiting.length === 1) queueMicrotask(pump);
      else if (waiting.length >= mostInWrite) pump();
    },
    async end() {
      pump();
      while (!isBroken && (waiting.length > 0 || output.writableNeedDrain)) {
        await anyOf(output, ['drain', 'error', 'close']);
      }
      if (isBroken) return;
      await new Promise((resolve) => output.write('', resolve));
    },
  };
}

/** Resolves at the first of these events, and listens no longer. */
function anyOf(output: Writable, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const happened = () => {
      for (const event of events) output.off(event, happened);
      resolve();
    };
    for (const event of events) output.on(event, happened);
  });
}
