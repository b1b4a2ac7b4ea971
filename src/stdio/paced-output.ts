// Hands lines to a stream as fast as its reader takes them, and no faster: whoever has lines keeps them until they are
// asked for. It never blocks and never throws; a broken stream is told of once, and then nothing more is written.
import type { Writable } from 'node:stream';

export interface PacedOutput {
  /** Asks for lines and writes them, until there are none or the reader is to be waited for. */
  pump(): void;
  /** Resolves when every line has left the process, or the stream is broken. A reader that stalls is waited for. */
  flushed(): Promise<void>;
}

/**
 * @param take gives the next line, its line end included; undefined when there is none
 * @param onBroken hears that nothing can be written any more, `EPIPE` for one
 */
export function paceOutput(
  output: Writable,
  take: () => string | undefined,
  onBroken: (error: Error) => void,
): PacedOutput {
  let isBroken = false;
  let unwrittenLines = 0;
  let waiting: (() => void)[] = [];

  const pump = () => {
    while (!isBroken && !output.writableNeedDrain) {
      const line = take();
      if (line === undefined) return;
      unwrittenLines += 1;
      output.write(line, onWritten);
    }
  };
  const onWritten = (error?: Error | null) => {
    unwrittenLines -= 1;
    if (error) breakDown(error);
    settle();
  };
  const breakDown = (error: Error) => {
    if (isBroken) return;
    isBroken = true;
    onBroken(error);
    settle();
  };
  const settle = () => {
    if (!isBroken && (unwrittenLines > 0 || output.writableNeedDrain)) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  output.on('error', breakDown);
  output.on('close', () => {
    if (!output.writableFinished) breakDown(new Error('the output was closed'));
  });
  output.on('drain', () => {
    pump();
    settle();
  });
  return {
    pump,
    flushed: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        settle();
      }),
  };
}
