// Changes bencoded input as a tree, so that what comes out is bencode again and gets past the decoder: other types,
// other numbers, keys that come twice, values nested in values. Now and then the bytes themselves are changed instead.

import { BencodeDictionary, type BencodeValue } from '../../../src/metainfo/bencode-values.js';
import { decodeBencode } from '../../../src/metainfo/decode-bencode.js';
import type { Random } from '../../support/random.js';
import type { Target } from '../target.js';
import { longestBytes, mutateBytes } from './mutate-bytes.js';

type Tree =
  | { readonly kind: 'leaf'; readonly bytes: Uint8Array }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'dictionary'; readonly entries: readonly Entry[] };

interface Entry {
  readonly key: string;
  readonly value: Tree;
}

const integers = [
  ...[-1, 0, 1, 2, 3, 16_383, 16_384, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32],
  ...[2 ** 53 - 1, -(2 ** 53 - 1)],
];

/** `tokens`: keys and strings that mean something to the reader of the input. */
export function mutateBencode(tokens: readonly string[]): Target['mutate'] {
  const roughly = mutateBytes(tokens);
  return (bytes, random, others) => {
    const tree = random.chance(0.75) ? treeOf(bytes) : undefined;
    if (tree === undefined) return roughly(bytes, random, others);
    let changed = tree;
    for (let times = 1 + random.below(4); times > 0; times--) {
      changed = change(changed, random, tokens);
    }
    const encoded = encode(changed);
    return random.chance(0.1) ? roughly(encoded, random, others) : encoded;
  };
}

/** The same for bencode somewhere in `bytes`, as in a message of a peer; undefined where there is none. */
export function mutateBencodeWithin(
  bytes: Uint8Array,
  random: Random,
  tokens: readonly string[],
): Uint8Array | undefined {
  const begin = bytes.indexOf('d'.charCodeAt(0));
  const end = bytes.lastIndexOf('e'.charCodeAt(0)) + 1;
  const tree = begin < 0 ? undefined : treeOf(bytes.subarray(begin, end));
  if (tree === undefined) return undefined;
  const changed = encode(change(tree, random, tokens));
  return Buffer.concat([bytes.subarray(0, begin), changed, bytes.subarray(end)]);
}

/** Walks down to some value, and changes it. */
function change(tree: Tree, random: Random, tokens: readonly string[]): Tree {
  const goesOn = random.chance(0.8);
  if (tree.kind === 'list' && tree.items.length > 0 && goesOn) {
    const at = random.below(tree.items.length);
    const items = tree.items.flatMap((item, index) =>
      index === at ? changeItem(item, random, tokens) : [item],
    );
    return { kind: 'list', items };
  }
  if (tree.kind === 'dictionary' && tree.entries.length > 0 && goesOn) {
    const at = random.below(tree.entries.length);
    const entries = tree.entries.flatMap((entry, index) =>
      index === at ? changeEntry(entry, random, tokens) : [entry],
    );
    return { kind: 'dictionary', entries };
  }
  return another(tree, random, tokens);
}

function changeItem(item: Tree, random: Random, tokens: readonly string[]): readonly Tree[] {
  if (random.chance(0.1)) return [];
  if (random.chance(0.1)) return repeated(item, random);
  return [change(item, random, tokens)];
}

function changeEntry(entry: Entry, random: Random, tokens: readonly string[]): readonly Entry[] {
  if (random.chance(0.1)) return [];
  if (random.chance(0.05)) return repeated(entry, random);
  if (random.chance(0.1)) return [entry, { ...entry, key: word(random, tokens) }];
  return [{ ...entry, value: change(entry.value, random, tokens) }];
}

function repeated<T>(item: T, random: Random): readonly T[] {
  const times = random.chance(0.1) ? 2_000 : 2 + random.below(4);
  return Array.from({ length: times }, () => item);
}

function another(tree: Tree, random: Random, tokens: readonly string[]): Tree {
  switch (random.below(8)) {
    case 0:
      return { kind: 'list', items: [tree] };
    case 1:
      return { kind: 'dictionary', entries: [{ key: word(random, tokens), value: tree }] };
    case 2:
      return nested(tree, random.pick([5, 99, 101, 2_000]));
    case 3:
      return leaf(`i${random.pick(integers)}e`);
    case 4:
      return leaf(`i${random.below(2 ** 20)}e`);
    case 5:
      return text(word(random, tokens));
    default:
      return tree.kind === 'leaf' ? otherBytes(tree.bytes, random) : { ...tree };
  }
}

/** A string with other bytes and a length that fits them; a number becomes one beside it. */
function otherBytes(bytes: Uint8Array, random: Random): Tree {
  const colon = bytes.indexOf(':'.charCodeAt(0));
  if (bytes[0] === 'i'.charCodeAt(0) || colon < 0) {
    const number = Number(Buffer.from(bytes).toString('latin1', 1, bytes.length - 1));
    const near = number + random.pick([-1, 1, 16, -16]);
    return leaf(`i${Number.isSafeInteger(near) ? near : 0}e`);
  }
  const content = bytes.subarray(colon + 1);
  return text(Buffer.from(mutateBytes([])(content, random, [])).toString('latin1'));
}

function nested(tree: Tree, depth: number): Tree {
  let around = tree;
  for (let level = 0; level < depth; level++) around = { kind: 'list', items: [around] };
  return around;
}

function word(random: Random, tokens: readonly string[]): string {
  return tokens.length > 0 ? random.pick(tokens) : Buffer.from(random.bytes(4)).toString('latin1');
}

function treeOf(bytes: Uint8Array): Tree | undefined {
  try {
    return toTree(decodeBencode(bytes));
  } catch {
    return undefined;
  }
}

function toTree(value: BencodeValue): Tree {
  if (typeof value === 'number') return leaf(`i${value}e`);
  if (value instanceof Uint8Array) return text(Buffer.from(value).toString('latin1'));
  if (value instanceof BencodeDictionary) {
    const entries = value.entries.map(({ key, value: item }) => ({ key, value: toTree(item) }));
    return { kind: 'dictionary', entries };
  }
  return { kind: 'list', items: value.map(toTree) };
}

function leaf(encoded: string): Tree {
  return { kind: 'leaf', bytes: Buffer.from(encoded, 'latin1') };
}

/** One character a byte. */
function text(content: string): Tree {
  return leaf(`${content.length}:${content}`);
}

/** What was repeated again and again is cut off. */
function encode(tree: Tree): Uint8Array {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  const put = (bytes: Uint8Array) => {
    parts.push(bytes);
    sizeBytes += bytes.length;
  };
  const write = (each: Tree) => {
    if (sizeBytes > longestBytes) return;
    if (each.kind === 'leaf') return put(each.bytes);
    put(Buffer.from(each.kind === 'list' ? 'l' : 'd'));
    if (each.kind === 'list') for (const item of each.items) write(item);
    else {
      for (const { key, value } of each.entries) {
        put(Buffer.from(`${key.length}:${key}`, 'latin1'));
        write(value);
      }
    }
    put(Buffer.from('e'));
  };
  write(tree);
  return Buffer.concat(parts).subarray(0, longestBytes);
}
