// The lines that a process writes.
import type { Readable } from 'node:stream';

/** Splits at LF and at nothing else, so that a line end forged by a name would show. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const [first = '', ...others] = text.split('\n');
    rest += first;
    for (const next of others) {
      take(rest);
      rest = next;
    }
  });
  stream.on('error', () => {});
}
