// The line protocol: one change a line on stdout.
import type { Writable } from 'node:stream';
import { maxLineBytes } from '../../protocol/instruction-line.js';
import type { LineWriter } from '../../stdio/write-lines.js';
import { writeProgress } from '../../stdio/write-progress.js';
import type { HelperOutput } from './output.js';

export function linesOutput(stdout: Writable, people: LineWriter): HelperOutput {
  return {
    people,
    begin: ({ give, lines }) => ({
      written: writeProgress(lines(), stdout),
      maxLineBytes,
      take(batch) {
        give(batch);
        return undefined;
      },
    }),
  };
}
