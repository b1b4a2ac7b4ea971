import { afterEach, expect, it } from 'vitest';
import {
  bindToTorrent,
  onTorrentEntered,
  runForTorrent,
  throwingTorrent,
} from '../../../src/engine/torrent-context.js';

const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];

afterEach(() => onTorrentEntered(() => {}));

it('names the torrent in what it began, however much later', async () => {
  const seen: (string | undefined)[] = [];
  const look = () => void seen.push(throwingTorrent(undefined));
  await runForTorrent(a, async () => {
    look();
    await new Promise((resolve) => setTimeout(resolve, 1));
    look();
  });
  look();
  expect(seen).toEqual([a, a, undefined]);
});

it('names the innermost torrent that threw, also where its work has been left', () => {
  const error = new Error('x');
  expect(() => runForTorrent(a, () => runForTorrent(b, () => thrown(error)))).toThrow(error);
  expect(throwingTorrent(error)).toBe(b);
  expect(throwingTorrent(new Error('another'))).toBeUndefined();
});

it('keeps work with its torrent when another calls it', () => {
  const kept = runForTorrent(a, () =>
    bindToTorrent((given: string) => `${given} ${throwingTorrent(undefined)}`),
  );
  expect(runForTorrent(b, () => kept('for'))).toBe(`for ${a}`);
});

it('says whose code is entered, and whose it goes back to', () => {
  const heard: (string | undefined)[] = [];
  onTorrentEntered((infoHash) => heard.push(infoHash));
  runForTorrent(a, () => runForTorrent(b, () => {}));
  expect(heard).toEqual([a, b, a, undefined]);
});

function thrown(error: Error): never {
  throw error;
}
