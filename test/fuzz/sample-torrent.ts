// A small torrent with content that is always the same, so that its info hash can stand in a kept input.
import { createHash } from 'node:crypto';
import { encodeBencode } from '../../src/metainfo/bencode.js';
import type { Metainfo } from '../../src/metainfo/metainfo.js';
import { parseInfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { createRandom } from './random.js';

export const pieceLengthBytes = 16 * 1024;

export interface SampleTorrent {
  readonly metainfo: Metainfo;
  readonly content: Uint8Array;
}

export function sampleTorrent(
  name: string,
  { pieceCount = 5, isPrivate = false }: { pieceCount?: number; isPrivate?: boolean } = {},
): SampleTorrent {
  const content = createRandom(name).bytes((pieceCount - 1) * pieceLengthBytes + 1000);
  const hashes = Array.from({ length: pieceCount }, (_, index) =>
    createHash('sha1')
      .update(content.subarray(index * pieceLengthBytes, (index + 1) * pieceLengthBytes))
      .digest(),
  );
  const info = encodeBencode({
    length: content.length,
    name,
    'piece length': pieceLengthBytes,
    pieces: Buffer.concat(hashes),
    ...(isPrivate ? { private: 1 } : {}),
  });
  return { metainfo: parseInfo(info, [], name), content };
}
