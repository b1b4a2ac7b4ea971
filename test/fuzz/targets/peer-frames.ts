// The framing of what a peer says after the handshake, without a socket: whatever comes, however it is cut, it is heard
// alike, and blocks are written where they may be and nowhere else.
import { createHash } from 'node:crypto';
import { MessageParser } from '../../../src/engine/data-path/wire/parse.js';
import { keepAlive, message, messageIds } from '../../support/peers/wire-messages.js';
import { createRandom, type Random } from '../../support/random.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';

const memoryBytes = 256 * 1024;
const untouched = 0xa5;
const untouchedMemory = Buffer.alloc(memoryBytes, untouched);
const mostBlockBytes = 128 * 1024;
const firstGatherBytes = 4 * 1024;

const block = (lengthBytes: number, ...values: readonly number[]) =>
  message(messageIds.piece, values, Buffer.alloc(lengthBytes, 'block'));

const messages: readonly Uint8Array[] = [
  keepAlive,
  ...[0, 1, 2, 3, 14, 15].map((id) => message(id)),
  ...[0, 7, 2 ** 31, 2 ** 32 - 1].map((index) => message(4, [index])),
  ...[message(6, [1, 16_384, 16_384]), message(8, [1, 0, 16_384])],
  ...[block(1, 0, 0), block(100, 3, 16_384), block(0, 0, 0)],
  ...[message(5, Buffer.alloc(125, 0xff)), message(9, Buffer.of(0x1a, 0xe1))],
  message(20, Buffer.from('\0d1:md6:ut_pexi1ee1:pi6881ee')),
];

const conversations: readonly (readonly Uint8Array[])[] = [
  messages,
  [block(16_384, 0, 0), block(16_384, 0, 16_384), block(16_384, 3, 0), message(4, [1])],
  [message(20, Buffer.alloc(16_384, 'd')), message(5, Buffer.alloc(10_000)), Buffer.alloc(8)],
  [block(mostBlockBytes - 1000, 1, 0), message(1)],
];

export const peerFrames: Target = {
  name: 'peer-frames',
  about: 'the framing of messages of a peer, cut anywhere',
  samples: () => [...messages, ...conversations.map((said) => Buffer.concat(said))],
  mutate: mutateBytes(messages.map((said) => Buffer.from(said).toString('latin1'))),
  open: pure((bytes) => {
    const random = createRandom(createHash('sha1').update(bytes).digest('hex'));
    const whole = hear([bytes]);
    const calls = JSON.stringify(whole);
    const cuts = [oneByOne(bytes), cut(bytes, random, 20), cut(bytes, random, 10_000)];
    for (const parts of cuts) {
      check(
        JSON.stringify(hear(parts)) === calls,
        () => `${parts.length} parts are heard otherwise`,
      );
    }
    const count = 1 + random.below(whole.length + 1);
    const begin = JSON.stringify(whole.slice(0, count));
    for (const parts of [[bytes], ...cuts]) {
      check(JSON.stringify(hear(parts, count)) === begin, () => `it goes on after call ${count}`);
    }
  }),
};

/** Different for each id, so that the smallest and the largest can be told apart. */
function mostPayloadBytes(id: number): number {
  return id === 20 ? 20_000 : 100 * id;
}

/** All that is told of `parts`, blocks as their SHA-1; stops in the call of that number, from 1. */
function hear(parts: readonly Uint8Array[], stopAtCall?: number): readonly unknown[] {
  const calls: unknown[] = [];
  const memory = Buffer.alloc(memoryBytes, untouched);
  /** Where blocks may be written, one byte between them. */
  const granted: { readonly at: number; readonly end: number }[] = [];
  let reused = Buffer.alloc(0);
  const tell = (...call: unknown[]) => {
    calls.push(call);
    if (calls.length === stopAtCall) parser.stop();
  };
  const parser = new MessageParser(
    {
      blockBegan(index, offsetBytes, lengthBytes) {
        check(lengthBytes > 0 && lengthBytes <= mostBlockBytes, () => 'a block of that length');
        tell('blockBegan', index, offsetBytes, lengthBytes);
        const at = (granted.at(-1)?.end ?? 0) + 1;
        if (index % 4 === 3 || at + lengthBytes >= memoryBytes) return -1;
        granted.push({ at, end: at + lengthBytes });
        return at;
      },
      blockEnded() {
        const { at, end } = granted.at(-1) ?? { at: 0, end: 0 };
        tell('blockEnded', createHash('sha1').update(memory.subarray(at, end)).digest('hex'));
      },
      request: (...values) => tell('request', ...values),
      have: (index) => tell('have', index),
      message(id, payload) {
        check(payload.length <= mostPayloadBytes(id), () => `${payload.length} bytes of id ${id}`);
        const isGathered = payload.length > 0 && payload.buffer !== reused.buffer;
        const mostBytes = Math.max(firstGatherBytes, 2 * payload.length);
        check(!isGathered || payload.buffer.byteLength <= mostBytes, () => 'too much is gathered');
        tell('message', id, Buffer.from(payload).toString('latin1'));
      },
      keepAlive: () => tell('keepAlive'),
      mostPayloadBytes,
      isWanted: () => true,
      gathers: () => {},
      malformed() {
        check(parser.isStopped, () => 'it goes on after nonsense');
        tell('malformed');
      },
    },
    memory,
  );
  for (const part of parts) {
    // What was read is overwritten by what is read next.
    if (reused.length < part.length) reused = Buffer.alloc(part.length);
    reused.fill(0).set(part);
    parser.push(reused, part.length);
  }
  expectUntouchedBetween(memory, granted);
  return calls;
}

function expectUntouchedBetween(
  memory: Buffer,
  granted: readonly { readonly at: number; readonly end: number }[],
): void {
  let from = 0;
  for (const { at, end } of [...granted, { at: memoryBytes, end: memoryBytes }]) {
    const isUntouched = memory.subarray(from, at).equals(untouchedMemory.subarray(from, at));
    check(isUntouched, () => `written between ${from} and ${at}, where no block belongs`);
    from = end;
  }
}

function oneByOne(bytes: Uint8Array): readonly Uint8Array[] {
  // Of long inputs only the begin, or it would take most of the time.
  const parts = Array.from(bytes.subarray(0, 2000), (byte) => Uint8Array.of(byte));
  return bytes.length > 2000 ? [...parts, bytes.subarray(2000)] : parts;
}

function cut(bytes: Uint8Array, random: Random, mostBytes: number): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + random.below(mostBytes + 1);
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}
