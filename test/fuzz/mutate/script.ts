// Input for conversations: a mode, and parts such as datagrams, messages or chunks, each with flags that its target
// gives a meaning to. Any bytes can be read as a script, so mutation and minimising need not know of it.

import type { Random } from '../../support/random.js';
import type { Target } from '../target.js';
import { mutateBencodeWithin } from './mutate-bencode.js';
import { mutateBytes } from './mutate-bytes.js';

export interface Script {
  /** 0 to 255. */
  readonly mode: number;
  readonly parts: readonly Part[];
}

export interface Part {
  /** 0 to 255. */
  readonly flags: number;
  readonly bytes: Uint8Array;
}

const headerBytes = 3;
const mostParts = 200;

/** The mode, then for every part its flags, its length in two bytes, and its bytes. */
export function packScript({ mode, parts }: Script): Uint8Array {
  const packed = parts.slice(0, mostParts).flatMap(({ flags, bytes }) => {
    const saved = bytes.subarray(0, 0xffff);
    return [Uint8Array.of(flags, saved.length >> 8, saved.length & 0xff), saved];
  });
  return Buffer.concat([Uint8Array.of(mode), ...packed]);
}

/** A last part that is cut short has the bytes that are there. */
export function unpackScript(input: Uint8Array): Script {
  const parts: Part[] = [];
  const [mode = 0] = input;
  let offset = 1;
  while (offset + headerBytes <= input.length && parts.length < mostParts) {
    const [flags = 0, high = 0, low = 0] = input.subarray(offset, offset + headerBytes);
    const begin = offset + headerBytes;
    offset = begin + high * 256 + low;
    parts.push({ flags, bytes: input.subarray(begin, offset) });
  }
  return { mode, parts };
}

/** Changes parts, their order and their number; `flags`: those that mean something. */
export function mutateScript(
  tokens: readonly string[],
  flags: readonly number[],
  modes: readonly number[],
): Target['mutate'] {
  const roughly = mutateBytes(tokens);
  const changePart = (part: Part, random: Random, others: readonly Uint8Array[]): Part => {
    if (random.chance(0.1)) return { ...part, flags: random.pick(flags) };
    const within = random.chance(0.6) ? mutateBencodeWithin(part.bytes, random, tokens) : undefined;
    return { ...part, bytes: within ?? roughly(part.bytes, random, others) };
  };
  return (input, random, others) => {
    const script = unpackScript(input);
    let { mode } = script;
    let parts = script.parts;
    for (let times = 1 + random.below(3); times > 0; times--) {
      const at = random.below(parts.length);
      const part = parts[at] ?? { flags: random.pick(flags), bytes: random.bytes(8) };
      const around = (...by: readonly Part[]) => [
        ...parts.slice(0, at),
        ...by,
        ...parts.slice(at + 1),
      ];
      switch (random.below(10)) {
        case 0:
          parts = around();
          break;
        case 1:
          parts = around(...Array.from({ length: 2 + random.below(20) }, () => part));
          break;
        case 2:
          parts = around(...unpackScript(random.pick(others)).parts, part);
          break;
        case 3:
          if (random.chance(0.5)) mode = random.pick(modes);
          parts = [part, ...around()];
          break;
        default:
          parts = around(changePart(part, random, partsOf(others, random)));
      }
    }
    return packScript({ mode, parts });
  };
}

function partsOf(others: readonly Uint8Array[], random: Random): readonly Uint8Array[] {
  return unpackScript(random.pick(others)).parts.map(({ bytes }) => bytes);
}
