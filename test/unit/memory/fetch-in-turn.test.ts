import { expect, it } from 'vitest';
import { fetchInTurn } from '../../../src/memory/fetch-in-turn.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

const { metainfo } = scratchTorrent(16_384, [{ path: '', lengthBytes: 1 }]);

it('leaves the thread to others between two large ones, and parses small ones at once', async () => {
  const memory = createMetainfoMemory(2 ** 20);
  const said: string[] = [];
  const fetch = (jobId: number, bytes: number) => {
    const { signal } = new AbortController();
    return fetchInTurn(memory, { jobId, signal, onWait: () => {} }, ({ parse }) =>
      parse(new Uint8Array(bytes), () => {
        said.push(`job ${jobId}`);
        setImmediate(() => said.push('others'));
        return metainfo;
      }),
    );
  };
  await Promise.all([fetch(1, 10_000), fetch(2, 10_000), fetch(3, 100), fetch(4, 100)]);
  expect(said.slice(0, 4)).toEqual(['job 1', 'job 3', 'job 4', 'others']);
  expect(said.at(-1)).toBe('job 2');
});
