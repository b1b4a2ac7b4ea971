// A process with no file descriptor left: it makes a torrent's steps one after the other, and says of each how it failed.
// Its argument is a folder with `data/a` and `torrents/a.torrent` in it. To be run with a low limit.
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { HelperError } from '../../../src/errors.js';
import { scanContent } from '../../../src/metainfo/create/content/scan-content.js';
import { hashPieces } from '../../../src/metainfo/create/hash-pieces.js';
import { existingPieceLength } from '../../../src/metainfo/create/piece-length.js';
import { createHashingThreads } from '../../../src/metainfo/create/threads/hashing-threads.js';
import { writeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import { parseMetainfo } from '../../../src/metainfo/parse/parse-metainfo.js';
import { readTorrentFile } from '../../../src/sources/read-torrent-file.js';

const [, , folder = ''] = process.argv;
const never = new AbortController().signal;
const data = join(folder, 'data');
const torrents = join(folder, 'torrents');
const torrentFile = join(torrents, 'a.torrent');

const content = await scanContent(data, never);
const single = await scanContent(join(data, 'a'), never);
const metainfo = parseMetainfo(await readTorrentFile(torrentFile, never), torrentFile);
const threads = createHashingThreads({ perJob: 1 });
const fresh = createHashingThreads({ perJob: 1 });
// Threads need descriptors of their own, and have them by then.
await threads.hash(content.files, 16_384, never);
const steps: Readonly<Record<string, () => Promise<unknown>>> = {
  'scanning a folder': () => scanContent(data, never),
  'hashing in the thread pool': () => hashPieces(content.files, 16_384, never),
  'hashing in a thread': () => threads.hash(content.files, 16_384, never),
  'hashing in a thread that cannot begin': () => fresh.hash(content.files, 16_384, never),
  'looking for the torrent in its place': () => existingPieceLength(torrents, single, false, never),
  'writing a new .torrent': () =>
    writeTorrentFile({ metainfo, announce: [], dir: join(folder, 'empty') }),
  'writing over a .torrent': () =>
    writeTorrentFile({ metainfo, announce: [['http://a/']], dir: torrents }),
  'reading a .torrent': () => readTorrentFile(torrentFile, never),
};

const descriptors: number[] = [];
try {
  for (;;) descriptors.push(openSync('/dev/null', 'r'));
} catch {
  // None is left now.
}
for (const [step, run] of Object.entries(steps)) {
  const outcome = await run().then(
    () => 'done',
    (error: unknown) =>
      error instanceof HelperError ? `${error.code} ${error.isTransient}: ${error.message}` : error,
  );
  process.stdout.write(`${step}: ${outcome}\n`);
}
process.exit();
