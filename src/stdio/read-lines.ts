// Bytes to lines. Splits at LF, takes one CR before it away, checks UTF-8, and refuses over-long lines as a whole, and an
// input in UTF-16 altogether. Its memory is one longest line, and what one read brought, whatever comes in; it does not know what a
// line means.
import { isUtf8 } from 'node:buffer';
import type { InputLine } from '../../machines/types.js';
import { createLongTurns } from '../async/long-turns.js';
import { maxLineBytes } from '../protocol/instruction-line.js';
import { createOpening } from './opening.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** So much of a refused line can be shown. */
const maxHeadBytes = 200;
/** What one line asks for may cost a hundred times what another does: the clock is looked at after so many. */
const linesABatch = 64;
/** Then signals and sockets have their turn, however many lines wait. */
const mostTurnMs = 20;

/** Stands for an input of which no line can be read; nothing follows, though it is read to its end. */
export interface UnsupportedInput {
  readonly kind: 'unsupported';
  readonly encoding: 'UTF-16';
}

/**
 * The lines of a stream, in order, without the byte order mark that it may begin with. Rejects when the input fails, or is
 * destroyed before its end, which is how to stop a read that waits.
 *
 * @param limitBytes the longest line, without its line end; 64 KiB by default
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  limitBytes = maxLineBytes,
): AsyncGenerator<InputLine | UnsupportedInput, void, undefined> {
  for await (const read of readBatches(input, limitBytes)) {
    if ('encoding' in read) yield read;
    else yield* read;
  }
}

/** The same: those that came together, together, but not too many. None of them is empty. */
export async function* readBatches(
  input: AsyncIterable<Uint8Array>,
  limitBytes = maxLineBytes,
): AsyncGenerator<readonly InputLine[] | UnsupportedInput, void, undefined> {
  const opening = createOpening();
  const splitter = createSplitter(limitBytes);
  const longTurns = createLongTurns(mostTurnMs);
  let isSupported = true;
  for await (const chunk of input) {
    const bytes = opening.pass(chunk);
    if (bytes === undefined) {
      // Whoever writes it is not to die of a pipe that nobody reads.
      if (isSupported) yield { kind: 'unsupported', encoding: 'UTF-16' };
      isSupported = false;
      continue;
    }
    let batch: InputLine[] = [];
    for (const line of splitter.split(bytes)) {
      batch.push(line);
      if (batch.length < linesABatch) continue;
      await longTurns();
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }
  const rest = [...splitter.split(opening.rest())];
  const last = splitter.rest();
  if (last !== undefined) rest.push(last);
  if (rest.length > 0) yield rest;
}

function createSplitter(limitBytes: number) {
  // The line that has begun; one byte more than the limit, as it may turn out to be the CR of a line end.
  const begun = Buffer.alloc(limitBytes + 1);
  let lengthBytes = 0;

  const append = (bytes: Uint8Array) => {
    const begunBytes = Math.min(lengthBytes, begun.length);
    begun.set(bytes.subarray(0, begun.length - begunBytes), begunBytes);
    lengthBytes += bytes.length;
  };
  const finish = (ended: boolean) => {
    const line = readLine(begun.subarray(0, lengthBytes), lengthBytes, limitBytes, ended);
    lengthBytes = 0;
    return line;
  };

  return {
    *split(bytes: Uint8Array): Generator<InputLine, void, undefined> {
      let begin = 0;
      for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, begin)) {
        append(bytes.subarray(begin, end));
        begin = end + 1;
        yield finish(true);
      }
      append(bytes.subarray(begin));
    },
    rest: () => (lengthBytes === 0 ? undefined : finish(false)),
  };
}

/** `bytes`: a line without its LF, or the beginning of it if it is longer than can be taken. */
function readLine(
  bytes: Buffer,
  lengthBytes: number,
  limitBytes: number,
  ended: boolean,
): InputLine {
  const hasReturn = ended && lengthBytes === bytes.length && bytes.at(-1) === carriageReturn;
  const content = hasReturn ? bytes.subarray(0, -1) : bytes;
  if (content.length > limitBytes) {
    return { kind: 'fault', fault: 'too-long', head: headOf(content), ended };
  }
  if (!isUtf8(content)) return { kind: 'fault', fault: 'not-utf8', head: headOf(content), ended };
  return { kind: 'text', text: content.toString('utf8'), ended };
}

function headOf(content: Buffer): string {
  // `stream` leaves out a character that the cut goes through.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(content.subarray(0, maxHeadBytes), { stream: true });
}
