// A real engine on loopback that seeds one torrent, downloads another, and looks for the metadata of a third: all there
// is that a peer can talk to.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SwarmEvent } from '../../../machines/types.js';
import type { Engine } from '../../../src/engine/engine.js';
import { startEngine } from '../../../src/engine/webtorrent-engine.js';
import { createRandom } from '../../support/random.js';
import { type SampleTorrent, sampleTorrent } from '../../support/torrents/sample-torrent.js';
import { check } from '../target.js';
import { expectService } from './expect-service.js';
import { within } from './say-and-hang-up.js';

const pieceLengthBytes = 16 * 1024;

export const seeded = fuzzedTorrent('seeded');
export const downloaded = fuzzedTorrent('downloaded', 40);
export const soughtInfoHash = fuzzedTorrent('sought').metainfo.infoHash;

const closeMs = 8_000;

export interface FuzzedEngine {
  readonly engine: Engine;
  /** Where a download may go. */
  readonly folder: string;
  /** Rejects if an honest peer is not served, or a torrent was given up. */
  expectHealth(): Promise<void>;
  /** Rejects if it takes too long. */
  close(): Promise<void>;
}

export async function startFuzzedEngine(): Promise<FuzzedEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-engine-'));
  const seedPath = join(folder, 'seeded');
  const downloadPath = join(folder, 'downloads', 'downloaded');
  await mkdir(join(folder, 'downloads'));
  await writeFile(seedPath, seeded.content);
  const engine = await startLoopbackEngine();
  const events: SwarmEvent[] = [];
  const listener = (event: SwarmEvent) => events.push(event);
  const nobodyKnown = { trackers: [], peers: [] };
  engine.join(
    { ...nobodyKnown, metainfo: seeded.metainfo, contentPath: seedPath, role: 'seed' },
    listener,
  );
  const checked = new Promise<void>((resolve) => {
    engine.join(
      {
        ...nobodyKnown,
        metainfo: downloaded.metainfo,
        contentPath: downloadPath,
        role: 'download',
      },
      (event) => {
        listener(event);
        if (event.type === 'swarm.checked') resolve();
      },
    );
  });
  const stop = new AbortController();
  const search = engine.fetchMetadata(
    { ...nobodyKnown, infoHash: soughtInfoHash },
    stop.signal,
    () => {},
  );
  let isFound = false;
  const searching = search.then(
    () => {
      isFound = true;
    },
    () => {},
  );
  await checked;

  let honestPeers = 0;
  return {
    engine,
    folder,
    async expectHealth() {
      honestPeers += 1;
      await expectService(engine.peerPort, seeded, `-HO0000-${honestPeers}`);
      const failed = events.find(({ type }) => /failed|storage\.error|warned/.test(type));
      check(failed === undefined, () => `a torrent was given up: ${JSON.stringify(failed)}`);
      check(!isFound, () => 'metadata was found that nobody has');
    },
    async close() {
      stop.abort();
      await searching;
      const startedAt = performance.now();
      await within(closeMs, engine.close());
      await rm(folder, { recursive: true, force: true });
      const tookMs = performance.now() - startedAt;
      check(tookMs < closeMs, () => 'the engine does not close');
    },
  };
}

export function startLoopbackEngine(): Promise<Engine> {
  return startEngine({ host: '127.0.0.1', listen: '127.0.0.1', port: 0, dht: false });
}

/** Its content is always the same, so that its info hash can stand in a saved input. */
export function fuzzedTorrent(name: string, pieceCount = 5): SampleTorrent {
  const content = createRandom(name).bytes((pieceCount - 1) * pieceLengthBytes + 1000);
  const files = [{ path: '', lengthBytes: content.length }];
  return sampleTorrent({ name, pieceLengthBytes, files, isPrivate: false }, content);
}
