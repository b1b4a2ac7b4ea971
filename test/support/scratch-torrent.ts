// Torrents made by hand for the tests of the disk: given files and a piece length, the metainfo and the content.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Metainfo, type MetainfoFile } from '../../src/metainfo/metainfo.js';

export interface ScratchFile {
  /** As in `a/b.bin`; empty for a single-file torrent. */
  readonly path: string;
  readonly lengthBytes: number;
  readonly isPadding?: boolean;
}

export interface ScratchTorrent {
  readonly metainfo: Metainfo;
  /** All bytes of the torrent; never zero, but for padding. */
  readonly content: Uint8Array;
  bytesOf(path: string): Uint8Array;
  piece(index: number): Uint8Array;
}

export function scratchTorrent(
  pieceLengthBytes: number,
  files: readonly ScratchFile[],
): ScratchTorrent {
  const content = new Uint8Array(files.reduce((sum, file) => sum + file.lengthBytes, 0));
  const placed: (MetainfoFile & { readonly isPadding?: boolean })[] = [];
  let offsetBytes = 0;
  for (const { path, lengthBytes, isPadding } of files) {
    const names = path === '' ? [] : path.split('/');
    placed.push({ path: names, lengthBytes, offsetBytes, ...(isPadding ? { isPadding } : {}) });
    for (let at = offsetBytes; at < offsetBytes + lengthBytes && !isPadding; at++) {
      content[at] = 1 + ((at * 31 + (at >> 8) * 7 + (at >> 16) * 5) % 255);
    }
    offsetBytes += lengthBytes;
  }
  const piece = (index: number) =>
    content.subarray(index * pieceLengthBytes, (index + 1) * pieceLengthBytes);
  const pieceCount = Math.ceil(content.length / pieceLengthBytes);
  const hashes = Array.from({ length: pieceCount }, (_, index) =>
    createHash('sha1').update(piece(index)).digest(),
  );
  const metainfo = new Metainfo({
    infoHash: '0'.repeat(40),
    name: 'scratch',
    isFolder: files[0]?.path !== '',
    lengthBytes: content.length,
    pieceLengthBytes,
    pieceHashes: Buffer.concat(hashes),
    files: placed,
    isPrivate: true,
    announce: [],
    info: new Uint8Array(),
  });
  return {
    metainfo,
    content,
    piece,
    bytesOf(path) {
      const file = placed.find((candidate) => candidate.path.join('/') === path);
      if (!file) throw new Error(`the scratch torrent has no ${path}`);
      return content.subarray(file.offsetBytes, file.offsetBytes + file.lengthBytes);
    },
  };
}

/** A folder of the test's own, removed when it ends. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'disk-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Lays the torrent's files out, whole, all or those named. */
export async function layOut(
  torrent: ScratchTorrent,
  contentPath: string,
  paths?: readonly string[],
): Promise<void> {
  for (const file of torrent.metainfo.files) {
    const name = file.path.join('/');
    if (paths && !paths.includes(name)) continue;
    const path = join(contentPath, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, torrent.bytesOf(name));
  }
}
