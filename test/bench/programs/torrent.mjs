// @ts-check
// Content of random bytes, made once, and torrents of it with whatever trackers and piece lengths are asked for.
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bencode } from '../../support/torrents/bencode.mjs';

const chunkBytes = 2 ** 24;

/**
 * @typedef {object} Content
 * @property {string} folder
 * @property {string} name
 * @property {number} lengthBytes
 * @property {string} sha1
 */

/**
 * @param {string} folder
 * @param {string} name
 * @param {number} lengthBytes
 * @returns {Promise<Content>}
 */
export async function makeContent(folder, name, lengthBytes) {
  const hash = createHash('sha1');
  const file = await open(join(folder, name), 'wx');
  try {
    for (let at = 0; at < lengthBytes; at += chunkBytes) {
      const chunk = randomFillSync(Buffer.alloc(Math.min(chunkBytes, lengthBytes - at)));
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return { folder, name, lengthBytes, sha1: hash.digest('hex') };
}

/** @param {string} path */
export async function sha1Of(path) {
  const hash = createHash('sha1');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * The info dictionary, bencoded. Private, so that nobody hears of peers but from the tracker.
 *
 * @param {Content} content
 * @param {number} pieceBytes
 */
export async function makeInfo({ folder, name, lengthBytes }, pieceBytes) {
  /** @type {Buffer[]} */
  const hashes = [];
  let piece = createHash('sha1');
  let filledBytes = 0;
  /** @type {AsyncIterable<Buffer>} */
  const stream = createReadStream(join(folder, name), { highWaterMark: 2 ** 20 });
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceBytes - filledBytes);
      piece.update(part);
      at += part.length;
      filledBytes += part.length;
      if (filledBytes < pieceBytes) continue;
      hashes.push(piece.digest());
      piece = createHash('sha1');
      filledBytes = 0;
    }
  }
  if (filledBytes > 0) hashes.push(piece.digest());
  return bencode({
    length: lengthBytes,
    name,
    'piece length': pieceBytes,
    pieces: Buffer.concat(hashes),
    private: 1,
  });
}

/**
 * @param {string} path
 * @param {Buffer} info
 * @param {string} [announceUrl] Left out: a torrent without a tracker.
 */
export async function writeTorrent(path, info, announceUrl) {
  const announce = announceUrl === undefined ? '' : `8:announce${bencode(announceUrl)}`;
  await writeFile(path, Buffer.concat([Buffer.from(`d${announce}4:info`), info, Buffer.from('e')]));
}
