import { expect, it } from 'vitest';
import { fetchInTurn } from '../../../src/memory/fetch-in-turn.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { scratchTorrent } from '../../support/torrents/scratch-torrent.js';

const { metainfo } = scratchTorrent(16_384, [{ path: '', lengthBytes: 1 }]);

it('says of large metainfo, before it is parsed, that it would hold the thread up', async () => {
  const memory = createMetainfoMemory(2 ** 20);
  const said: string[] = [];
  const fetch = (jobId: number, bytes: number) => {
    const { signal } = new AbortController();
    const parse = async (_: Uint8Array, { origin }: { origin: string }, weight: string) => {
      said.push(`${origin} is ${weight}`);
      return metainfo;
    };
    return fetchInTurn(memory, { jobId, signal, onWait: () => {}, parse }, (intake) =>
      intake.parse(new Uint8Array(bytes), { kind: 'torrent', origin: `job ${jobId}` }),
    );
  };
  await Promise.all([fetch(1, 10_000), fetch(2, 100)]);
  expect(said).toEqual(['job 1 is heavy', 'job 2 is light']);
});
