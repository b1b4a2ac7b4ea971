// Makes new inputs from old ones without knowing what they mean: flips, cuts, splices, repeats, numbers at their limits.
import type { Random } from '../../support/random.js';

export const longestBytes = 128 * 1024;

const limits = [
  ...[0, 1, 2, 7, 8, 15, 16, 19, 20, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 16_383],
  ...[16_384, 16_385, 32_767, 32_768, 65_535, 65_536, 2 ** 20, 2 ** 24, 2 ** 31 - 1, 2 ** 31],
  ...[2 ** 32 - 2, 2 ** 32 - 1],
];

const numerals = [
  ...['0', '-0', '-1', '00', '01', '1', '9', '255', '256', '65535', '65536', '2147483647'],
  ...['2147483648', '4294967295', '4294967296', '9007199254740991', '9007199254740992'],
  ...['-9007199254740991', '9223372036854775807', '18446744073709551616', '1e9', '1.5', '+1', ''],
  '9'.repeat(400),
];

type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

/** One to six changes, each to what the one before made. `tokens`: words of the language the input is in. */
export function mutateBytes(tokens: readonly string[]): Mutation {
  const words = tokens.map((token) => Buffer.from(token, 'latin1'));
  const mutations: readonly Mutation[] = [
    flipBit,
    ...[setByte, setByte],
    ...[setNumber, setNumber],
    ...[setNumeral, setNumeral],
    removeRange,
    insertNoise,
    repeatRange,
    splice,
    truncate,
    ...(words.length > 0 ? [insertWord(words), insertWord(words)] : []),
  ];
  return (bytes, random, others) => {
    let changed = bytes;
    for (let times = 1 + random.below(6); times > 0; times--) {
      changed = random.pick(mutations)(changed, random, others);
    }
    return changed.subarray(0, longestBytes);
  };
}

const flipBit: Mutation = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const at = random.below(bytes.length);
  const byte = changed[at];
  if (byte !== undefined) changed[at] = byte ^ (1 << random.below(8));
  return changed;
};

const setByte: Mutation = (bytes, random) => {
  const at = random.below(bytes.length);
  const byte = random.chance(0.5) ? random.below(256) : random.pick(limits) & 0xff;
  return replace(bytes, at, at + 1, Uint8Array.of(byte));
};

/** Where lengths, indices and offsets stand in binary protocols. */
const setNumber: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  const size = random.pick([1, 2, 4, 8]);
  const number = Buffer.alloc(8);
  number.writeUInt32BE(random.pick(limits), 4);
  if (random.chance(0.2)) number.fill(0xff, 0, 4);
  return replace(bytes, at, at + size, number.subarray(8 - size));
};

/** Where numbers are written in digits. */
const setNumeral: Mutation = (bytes, random) => {
  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  const from = random.below(bytes.length + 1);
  const found = bytes.subarray(from).findIndex(isDigit);
  if (found < 0) return bytes;
  const begin = from + found;
  let end = begin;
  while (isDigit(bytes[end])) end++;
  return replace(bytes, begin, end, Buffer.from(random.pick(numerals)));
};

const removeRange: Mutation = (bytes, random) => {
  const [begin, end] = range(bytes, random);
  return replace(bytes, begin, end, new Uint8Array());
};

const insertNoise: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return replace(bytes, at, at, random.bytes(1 + random.below(16)));
};

const repeatRange: Mutation = (bytes, random) => {
  const [begin, end] = range(bytes, random);
  const part = bytes.subarray(begin, end);
  const most = Math.floor(longestBytes / (part.length + 1));
  const times = Math.min(random.chance(0.05) ? 10_000 : 1 + random.below(16), most);
  return replace(bytes, end, end, Buffer.concat(Array.from({ length: times }, () => part)));
};

const splice: Mutation = (bytes, random, others) => {
  if (others.length === 0) return bytes;
  const other = random.pick(others);
  const [begin, end] = range(other, random);
  const at = random.below(bytes.length + 1);
  const until = random.chance(0.5) ? at : Math.min(bytes.length, at + end - begin);
  return replace(bytes, at, until, other.subarray(begin, end));
};

const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const insertWord =
  (words: readonly Uint8Array[]): Mutation =>
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const word = random.pick(words);
    return replace(bytes, at, random.chance(0.5) ? at : at + word.length, word);
  };

/** Mostly short: what comes of long ones is soon rubbish. */
function range(bytes: Uint8Array, random: Random): readonly [begin: number, end: number] {
  const begin = random.below(bytes.length + 1);
  const longest = random.chance(0.8) ? 32 : bytes.length;
  return [begin, Math.min(bytes.length, begin + random.below(longest + 1))];
}

function replace(bytes: Uint8Array, begin: number, end: number, by: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, begin), by, bytes.subarray(end)]);
}
