// Small torrents with their content, in memory: given files and a piece length, the metainfo and the bytes.
import { createHash } from 'node:crypto';
import { Metainfo, type MetainfoFile, type MetainfoLink } from '../../../src/metainfo/metainfo.js';
import { type Bencodable, bencode } from './bencode.mjs';

export interface SampleFile {
  /** As in `a/b.bin`; empty for a single-file torrent. */
  readonly path: string;
  readonly lengthBytes: number;
  readonly isPadding?: boolean;
}

export interface SampleTorrent {
  readonly metainfo: Metainfo;
  /** All bytes of the torrent. */
  readonly content: Uint8Array;
  bytesOf(path: string): Uint8Array;
  piece(index: number): Uint8Array;
}

export interface MetainfoOptions {
  readonly name: string;
  readonly pieceLengthBytes: number;
  readonly files: readonly SampleFile[];
  /** Symbolic links (BEP 47): where each leads, by its path. */
  readonly links?: Readonly<Record<string, string>>;
  readonly isPrivate?: boolean;
}

/** With real hashes of `content`. */
export function sampleTorrent(options: MetainfoOptions, content: Uint8Array): SampleTorrent {
  const { pieceLengthBytes } = options;
  const metainfo = sampleMetainfo(options, pieceHashesOf(content, pieceLengthBytes));
  return {
    metainfo,
    content,
    piece: (index) => content.subarray(index * pieceLengthBytes, (index + 1) * pieceLengthBytes),
    bytesOf(path) {
      const file = metainfo.files.find((candidate) => candidate.path.join('/') === path);
      if (!file) throw new Error(`the torrent ${metainfo.name} has no ${path}`);
      return content.subarray(file.offsetBytes, file.offsetBytes + file.lengthBytes);
    },
  };
}

export function sampleMetainfo(
  { name, pieceLengthBytes, files, links = {}, isPrivate = true }: MetainfoOptions,
  pieceHashes: Uint8Array,
): Metainfo {
  const isFolder = files[0]?.path !== '';
  const inOrder: MetainfoFile[] = [];
  let lengthBytes = 0;
  for (const { path, isPadding, ...file } of files) {
    const names = path === '' ? [] : path.split('/');
    const padding = isPadding ? { isPadding } : {};
    inOrder.push({
      path: names,
      lengthBytes: file.lengthBytes,
      offsetBytes: lengthBytes,
      ...padding,
    });
    lengthBytes += file.lengthBytes;
  }
  const allLinks = Object.entries(links).map(([path, target]) => ({
    path: path.split('/'),
    target: target.split('/'),
  }));
  const info = bencode({
    name,
    'piece length': pieceLengthBytes,
    pieces: pieceHashes,
    ...(isPrivate && { private: 1 }),
    ...(isFolder
      ? { files: [...inOrder.map(infoOfFile), ...allLinks.map(infoOfLink)] }
      : { length: lengthBytes }),
  });
  return new Metainfo({
    name,
    isFolder,
    lengthBytes,
    pieceLengthBytes,
    pieceHashes,
    isPrivate,
    info,
    infoHash: createHash('sha1').update(info).digest('hex'),
    files: inOrder,
    links: allLinks,
    announce: [],
  });
}

function infoOfFile({ path, lengthBytes, isPadding }: MetainfoFile): Bencodable {
  return { length: lengthBytes, path, ...(isPadding && { attr: 'p' }) };
}

function infoOfLink({ path, target }: MetainfoLink): Bencodable {
  return { attr: 'l', length: 0, path, 'symlink path': target };
}

/** The SHA-1 of every piece, one after the other. */
export function pieceHashesOf(content: Uint8Array, pieceLengthBytes: number): Buffer {
  const hashes: Buffer[] = [];
  for (let offset = 0; offset < content.length; offset += pieceLengthBytes) {
    const piece = content.subarray(offset, offset + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  return Buffer.concat(hashes);
}
