// The lines of a stream, as they come. A helper's own lines are short, but for lists that were asked for; what never ends is
// cut off, so that it fills nobody's memory.
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Far beyond any answer: a page of jobs has some megabytes at most. */
const longestLine = 64 * 2 ** 20;

/** Calls `take` with each line. Resolves at the end of the stream, or when it breaks. */
export function takeLines(input: Readable, take: (line: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let begun: string[] = [];
  let length = 0;
  input.on('data', (chunk: Buffer) => {
    const [first = '', ...others] = decoder.write(chunk).split('\n');
    length += first.length;
    begun.push(first);
    for (const next of others) {
      const line = begun.join('');
      begun = [next];
      length = next.length;
      take(line);
    }
    if (length > longestLine) input.destroy();
  });
  return new Promise((resolve) => {
    for (const end of ['end', 'error', 'close']) input.once(end, () => resolve());
  });
}
