import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MessageParser } from '../../../../../src/engine/data-path/wire/parse.js';
import {
  hear,
  hearNaively,
  mostBlockBytes,
  mostPayloadBytes,
  type Stop,
} from '../../../../support/data-path/parsed-messages.js';
import { keepAlive, message } from '../../../../support/peers/wire-messages.js';

const number = fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const spoken: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(keepAlive),
  number.map((index) => message(4, [index])),
  fc.tuple(number, number, number).map((numbers) => message(6, numbers)),
  fc
    .tuple(number, number, fc.uint8Array({ minLength: 1, maxLength: 60 }))
    .map(([index, offsetBytes, block]) => message(7, [index, offsetBytes], block)),
  fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 5, 8, 9, 13, 14, 15, 16, 17, 20, 21, 255), bytes(60))
    .map(([id, payload]) => message(id, [], payload)),
);

/** Long ones, to be gathered in more than one step. */
const longSpoken = fc
  .tuple(fc.constantFrom(5, 7, 20), fc.integer({ min: 4000, max: mostPayloadBytes }), fc.nat(255))
  .map(([id, lengthBytes, byte]) =>
    id === 7
      ? message(7, [byte, 0], new Uint8Array(lengthBytes).fill(byte))
      : message(id, [], new Uint8Array(lengthBytes).fill(byte)),
  );

/** Lengths of parts, again and again until the end. */
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });

function cut(whole: Uint8Array, lengths: readonly number[]): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0, nth = 0; at < whole.length; nth++) {
    const end = at + (lengths[nth % lengths.length] ?? 1);
    parts.push(whole.subarray(at, end));
    at = end;
  }
  return parts;
}

function expectSameAsNaively(whole: Uint8Array, lengths: readonly number[]): void {
  const memoryBytes = whole.length + 64;
  expect(hear(cut(whole, lengths), memoryBytes)).toEqual(hearNaively(whole, memoryBytes));
}

/** A block, one that nobody asked for, a have, a request, a keep-alive, a bitfield, and nonsense behind. */
const everything = Buffer.concat([
  message(7, [0, 16], Uint8Array.of(1, 2, 3)),
  message(7, [3, 0], Uint8Array.of(4)),
  message(4, [7]),
  message(6, [1, 2, 3]),
  keepAlive,
  message(5, [], Uint8Array.of(0xf0)),
  message(4, [1, 2]),
]);

describe('the framing', () => {
  it('tells what was said, wherever it is cut', () => {
    const said = fc.array(spoken, { maxLength: 12 }).map((messages) => Buffer.concat(messages));
    fc.assert(
      fc.property(said, cuts, (whole, lengths) => {
        expectSameAsNaively(whole, lengths);
        expectSameAsNaively(whole, [1]);
        expectSameAsNaively(whole, [whole.length + 1]);
      }),
      { numRuns: 300 },
    );
  });

  it('gathers long messages from parts of any length', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 });
    const said = fc.array(fc.oneof(longSpoken, spoken), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(said, lengths, (messages, some) => {
        expectSameAsNaively(Buffer.concat(messages), [...some, 5000]);
      }),
      { numRuns: 50 },
    );
  });

  it('makes the same of rubbish, wherever it is cut', () => {
    fc.assert(
      fc.property(bytes(80), fc.array(spoken, { maxLength: 3 }), cuts, (rubbish, messages, at) => {
        // Small lengths, or nearly all of it would be refused at once.
        const some = rubbish.map((byte, nth) => (nth % 7 < 3 ? 0 : byte % 24));
        const whole = Buffer.concat([...messages, some]);
        const memoryBytes = whole.length + mostBlockBytes * 30;
        const heard = hear(cut(whole, at), memoryBytes);
        const other = hear([whole], memoryBytes);
        expect(heard.calls).toEqual(other.calls);
        expect(heard.isStopped).toBe(other.isStopped);
        expect(heard.calls).toEqual(hearNaively(whole, memoryBytes).calls);
        expect(Buffer.compare(heard.memory, other.memory)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('takes numbers of 32 bits without a sign', () => {
    const most = 2 ** 32 - 1;
    const whole = Buffer.concat([message(4, [most]), message(6, [most, most - 1, most - 2])]);
    expect(hear([whole], 0).calls).toEqual([
      ['have', most],
      ['request', most, most - 1, most - 2],
    ]);
  });

  it('takes blocks of up to 128 KiB', () => {
    const block = Buffer.alloc(mostBlockBytes, 'block');
    expectSameAsNaively(message(7, [0, 0], block), [16_000]);
    expect(hear([message(7, [0, 0], Buffer.alloc(mostBlockBytes + 1))], 0)).toMatchObject({
      calls: [['malformed']],
      isStopped: true,
    });
  });

  it.each([
    ['a block of nothing', message(7, [0, 0])],
    ['a block without all of its header', message(7, [0])],
    ['a have without an index', message(4)],
    ['a have of two', message(4, [1, 2])],
    ['a request without a length', message(6, [1, 2])],
    ['a request with more', message(6, [1, 2, 3, 4])],
    ['a payload beyond what is allowed', message(20, [], new Uint8Array(mostPayloadBytes + 1))],
  ])('refuses %s as soon as its id is there, and takes nothing more', (_, said) => {
    const begin = said.subarray(0, 5);
    for (const parts of [[begin, message(4, [1])], cut(begin, [1]), [said, message(4, [1])]]) {
      expect(hear(parts, 0)).toMatchObject({ calls: [['malformed']], isStopped: true });
    }
    expect(hear([begin.subarray(0, 4)], 0)).toMatchObject({ calls: [], isStopped: false });
  });

  it('refuses a length that no message can have without a look at its id', () => {
    for (const length of ['ffffffff', '80000000', '00100041']) {
      const said = Buffer.from(length, 'hex');
      for (const parts of [[said], cut(said, [1]), [said, message(4, [1])]]) {
        expect(hear(parts, 0)).toMatchObject({ calls: [['malformed']], isStopped: true });
      }
    }
    expect(hear([Buffer.from('00100040', 'hex')], 0).isStopped).toBe(false);
  });

  it.each([
    ['the largest', 'ffffffff'],
    ['one beyond all that is spoken', '00100041'],
  ])('refuses %s length as soon as that is there', (_, length) => {
    const said = Buffer.from(length, 'hex');
    expect(hear([said], 0)).toMatchObject({ calls: [['malformed']], isStopped: true });
    expect(hear([said.subarray(0, 3)], 0)).toMatchObject({ calls: [], isStopped: false });
  });

  it.each(['stop', 'throw'] as const)('tells nothing more after a %s in any call', (how) => {
    const all = hear([everything], 100).calls;
    expect(all.map(([name]) => name)).toEqual([
      ...['blockBegan', 'blockEnded', 'blockBegan', 'have', 'request', 'keepAlive', 'message'],
      'malformed',
    ]);
    for (let atCall = 0; atCall < all.length; atCall++) {
      const stop: Stop = { atCall, how };
      for (const parts of [[everything, everything], cut(everything, [1]), cut(everything, [9])]) {
        const heard = hear(parts, 100, stop);
        expect(heard.calls).toEqual(all.slice(0, atCall + 1));
        expect(heard.isStopped).toBe(true);
        if (atCall === 0) expect(new Set(heard.memory)).toEqual(new Set([0xa5]));
      }
    }
  });

  it('tells nothing after it was told to stop while asking how long a payload may be', () => {
    const told: string[] = [];
    const parser: MessageParser = new MessageParser(
      {
        ...quiet,
        mostPayloadBytes: () => {
          parser.stop();
          return 100;
        },
        message: () => told.push('message'),
      },
      new Uint8Array(),
    );
    parser.push(Buffer.concat([message(1), message(1)]));
    expect(told).toEqual([]);
  });

  it('passes over the rest of a block when told so in its midst', () => {
    const told: string[] = [];
    const memory = new Uint8Array(8);
    const parser = new MessageParser(
      { ...quiet, blockBegan: () => 1, blockEnded: () => told.push('blockEnded') },
      memory,
    );
    const said = message(7, [0, 0], Uint8Array.of(1, 2, 3));
    parser.push(said.subarray(0, 14));
    parser.discardBlock();
    parser.push(said.subarray(14));
    expect(told).toEqual([]);
    expect([...memory]).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
    parser.push(said);
    expect(told).toEqual(['blockEnded']);
    expect([...memory]).toEqual([0, 1, 2, 3, 0, 0, 0, 0]);
  });

  it('hands over what lies wholly in one push without a copy', () => {
    const whole = Buffer.concat([message(20, [], Uint8Array.of(1, 2)), message(1)]);
    const payloads: Uint8Array[] = [];
    const sink = { ...quiet, message: (_: number, payload: Uint8Array) => payloads.push(payload) };
    new MessageParser(sink, new Uint8Array()).push(whole);
    expect(payloads).toHaveLength(2);
    expect(payloads[0]?.buffer).toBe(whole.buffer);
    expect(payloads[0]?.byteOffset).toBe(whole.byteOffset + 5);
  });
});

const quiet = {
  blockBegan: () => -1,
  blockEnded: () => {},
  request: () => {},
  have: () => {},
  message: () => {},
  keepAlive: () => {},
  mostPayloadBytes: () => 2 ** 20,
  isWanted: () => true,
  gathers: () => {},
  malformed: () => {},
};

describe('what a message in parts is gathered in', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** The sizes of all arrays that were made while `parts` were pushed. */
  function madeBytes(parts: readonly Uint8Array[]): readonly number[] {
    const made: number[] = [];
    const Plain = Uint8Array;
    const parser = new MessageParser(quiet, new Uint8Array());
    vi.stubGlobal(
      'Uint8Array',
      class extends Plain {
        constructor(lengthBytes: number) {
          super(lengthBytes);
          made.push(lengthBytes);
        }
        static get [Symbol.species]() {
          return Plain;
        }
      },
    );
    for (const part of parts) parser.push(part);
    vi.unstubAllGlobals();
    return made;
  }

  it('is small while little has come, whatever was announced', () => {
    const announced = message(20, [], new Uint8Array(2 ** 20));
    expect(madeBytes([announced.subarray(0, 15)])).toEqual([4096]);
    expect(madeBytes(cut(announced.subarray(0, 5000), [100]))).toEqual([4096, 8192]);
  });

  it('doubles, and is never longer than the message', () => {
    const announced = message(20, [], new Uint8Array(20_000));
    expect(madeBytes(cut(announced, [100]))).toEqual([4096, 8192, 16_384, 20_000]);
    expect(madeBytes(cut(message(20, [], new Uint8Array(50)), [10]))).toEqual([50]);
  });

  it('is used again for short ones, and is not kept for long ones', () => {
    const short = message(20, [], new Uint8Array(4096));
    const long = message(20, [], new Uint8Array(5000));
    expect(madeBytes(cut(Buffer.concat([short, short, short]), [1000]))).toEqual([4096]);
    expect(madeBytes(cut(Buffer.concat([long, short]), [3000]))).toEqual([4096, 5000, 4096]);
  });
});
