import { afterEach, expect, it } from 'vitest';
import {
  keepWork,
  onTorrentAtWork,
  throwerOf,
  workFor,
} from '../../../src/engine/torrent-context.js';

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];

afterEach(() => onTorrentAtWork(() => {}));

it('names the torrent in what it began, however much later', async () => {
  const seen: (string | undefined)[] = [];
  const look = () => void seen.push(throwerOf(undefined));
  await workFor(a, async () => {
    look();
    await new Promise((resolve) => setTimeout(resolve, 1));
    look();
  });
  look();
  expect(seen).toEqual([a, a, undefined]);
});

it('names the innermost torrent that threw, also where its work has been left', () => {
  const error = new Error('x');
  expect(() => workFor(a, () => workFor(b, () => thrown(error)))).toThrow(error);
  expect(throwerOf(error)).toBe(b);
  expect(throwerOf(new Error('another'))).toBeUndefined();
});

it('keeps work with its torrent when another calls it', () => {
  const kept = workFor(a, () => keepWork((given: string) => `${given} ${throwerOf(undefined)}`));
  expect(workFor(b, () => kept('for'))).toBe(`for ${a}`);
});

it('says whose code is entered, and whose it goes back to', () => {
  const heard: (string | undefined)[] = [];
  onTorrentAtWork((infoHash) => heard.push(infoHash));
  workFor(a, () => workFor(b, () => {}));
  expect(heard).toEqual([a, b, a, undefined]);
});

function thrown(error: Error): never {
  throw error;
}
