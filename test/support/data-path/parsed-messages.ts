// What a peer says and what a parser makes of it, as plain values: for the tests of the framing.
import { MessageParser, type MessageSink } from '../../../src/engine/data-path/wire/parse.js';

/** One call of a sink, its name first; payloads and blocks in hexadecimal digits. */
export type Call = readonly [name: string, ...values: readonly (number | string)[]];

export const mostBlockBytes = 128 * 1024;
export const mostPayloadBytes = 20_000;
/** Whatever the id. */
const mostMessageBytes = 2 ** 20 + 64;
/** Where nothing is ever written: before, between and behind the blocks. */
const untouched = 0xa5;

/** As long as the block is told of, it may be written to; targets never overlap. */
export const targetOf = (index: number, offsetBytes: number, nth: number) =>
  (index + offsetBytes) % 4 === 3 ? -1 : 16 + nth;

export interface Heard {
  readonly calls: readonly Call[];
  readonly memory: Uint8Array;
  readonly isStopped: boolean;
}

/** Stops at the call of that number, from 0, by `stop` or by throwing. */
export interface Stop {
  readonly atCall: number;
  readonly how: 'stop' | 'throw';
}

export class Thrown extends Error {}

/** Gives the parts to a parser, each in one buffer that is used again and again. */
export function hear(parts: readonly Uint8Array[], memoryBytes: number, stop?: Stop): Heard {
  const calls: Call[] = [];
  const memory = new Uint8Array(memoryBytes).fill(untouched);
  let usedBytes = 0;
  let block: readonly [at: number, lengthBytes: number] = [-1, 0];
  const tell = (...call: Call) => {
    calls.push(call);
    if (stop === undefined || calls.length !== stop.atCall + 1) return;
    if (stop.how === 'throw') throw new Thrown();
    parser.stop();
  };
  const sink: MessageSink = {
    blockBegan(index, offsetBytes, lengthBytes) {
      tell('blockBegan', index, offsetBytes, lengthBytes);
      const at = targetOf(index, offsetBytes, usedBytes);
      if (at !== -1) usedBytes += lengthBytes + 1;
      block = [at, lengthBytes];
      return at;
    },
    blockEnded() {
      const [at, lengthBytes] = block;
      tell('blockEnded', hex(memory.subarray(at, at + lengthBytes)));
    },
    request: (...numbers) => tell('request', ...numbers),
    have: (index) => tell('have', index),
    message: (id, payload) => tell('message', id, hex(payload)),
    keepAlive: () => tell('keepAlive'),
    mostPayloadBytes: () => mostPayloadBytes,
    isWanted: () => true,
    gathers: () => {},
    malformed: () => tell('malformed'),
  };
  const parser = new MessageParser(sink, memory);
  const reused = new Uint8Array(Math.max(0, ...parts.map(({ length }) => length)) + 3);
  for (const part of parts) {
    reused.set(part);
    try {
      parser.push(reused, part.length);
    } catch (thrown) {
      if (!(thrown instanceof Thrown)) throw thrown;
    }
    reused.fill(0x77);
  }
  return { calls, memory, isStopped: parser.isStopped };
}

/** The same by looking at all bytes at once, without a thought for speed. */
export function hearNaively(bytes: Uint8Array, memoryBytes: number): Heard {
  const calls: Call[] = [];
  const memory = new Uint8Array(memoryBytes).fill(untouched);
  const numbers = Buffer.from(bytes);
  let usedBytes = 0;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const lengthBytes = numbers.readUInt32BE(at);
    const id = bytes[at + 4];
    const end = at + 4 + lengthBytes;
    if (lengthBytes === 0) {
      calls.push(['keepAlive']);
    } else if (id === undefined && lengthBytes <= mostMessageBytes) {
      break;
    } else if (id === undefined || isMalformed(id, lengthBytes)) {
      calls.push(['malformed']);
      return { calls, memory, isStopped: true };
    } else if (id === 7) {
      if (at + 13 > bytes.length) break;
      const index = numbers.readUInt32BE(at + 5);
      const offsetBytes = numbers.readUInt32BE(at + 9);
      const target = targetOf(index, offsetBytes, usedBytes);
      calls.push(['blockBegan', index, offsetBytes, lengthBytes - 9]);
      if (target !== -1) {
        memory.set(bytes.subarray(at + 13, end), target);
        usedBytes += lengthBytes - 8;
        if (end <= bytes.length) calls.push(['blockEnded', hex(bytes.subarray(at + 13, end))]);
      }
    } else if (end <= bytes.length) {
      if (id === 4) calls.push(['have', numbers.readUInt32BE(at + 5)]);
      else if (id === 6)
        calls.push(['request', ...[5, 9, 13].map((field) => numbers.readUInt32BE(at + field))]);
      else calls.push(['message', id, hex(bytes.subarray(at + 5, end))]);
    }
    at = end;
  }
  return { calls, memory, isStopped: false };
}

function isMalformed(id: number, lengthBytes: number): boolean {
  if (id === 4) return lengthBytes !== 5;
  if (id === 6) return lengthBytes !== 13;
  if (id === 7) return lengthBytes < 10 || lengthBytes > 9 + mostBlockBytes;
  return lengthBytes > 1 + mostPayloadBytes;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
