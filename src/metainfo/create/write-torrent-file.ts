// Writes a .torrent file under a name of its own: the same torrent finds its file again, and nobody else's is ever
// touched.
import { dirname, join, resolve } from 'node:path';
import { type Asker, mustStay } from '../../async/asker.js';
import { HelperError, systemCode } from '../../errors.js';
import { createFile, replaceFile } from '../../files/atomic-write.js';
import { diskErrorCode, filesExhausted } from '../../files/disk-error-code.js';
import { inFolder, makeDirectory } from '../../files/make-directory.js';
import { readBoundedFile } from '../../files/read-bounded-file.js';
import { isTaken } from '../../files/rename-exclusively.js';
import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary } from '../bencode-values.js';
import { decodeBencode } from '../decode-bencode.js';
import { encodeBencode } from '../encode-bencode.js';
import type { Metainfo } from '../metainfo.js';
import { parseAnnounceTiers } from '../parse/announce-list.js';
import { BencodeError } from '../scan-bencode.js';

/** Twice what is fetched: anything larger is none of ours, and is not read. */
export const maxReadBytes = 64 * 1024 * 1024;
/** `name (10000).torrent`: whoever has so many has another problem. */
const maxNumber = 10_000;
/** A file that comes and goes under our eyes is somebody else's. */
const maxLooks = 10;

/** A file of another user, a folder, a link, a FIFO, a socket, a device. */
const closedCodes = new Set([
  ...['EACCES', 'EPERM', 'EINVAL', 'EISDIR', 'ELOOP', 'EMLINK', 'ENXIO', 'ENODEV'],
]);

export interface WriteRequest {
  readonly metainfo: Metainfo;
  /** Announce URLs by tier (BEP 12). */
  readonly announce: readonly (readonly string[])[];
  /** Made if it is missing. */
  readonly dir: string;
  readonly asker?: Asker | undefined;
}

/** The bytes of a .torrent file: the info dictionary as it stands, and the trackers. No date: same torrent, same file. */
export function encodeTorrentFile(
  { info, encoding }: Pick<Metainfo, 'info'> & Partial<Pick<Metainfo, 'encoding'>>,
  announce: readonly (readonly string[])[],
): Uint8Array {
  // Their keys come before `info`, which may be large and is taken as it stands.
  const head = encoding === undefined ? usualHead(announce) : encodeHead(announce, encoding);
  const bytes = new Uint8Array(head.length + info.length + 1);
  bytes.set(head);
  bytes.set(info, head.length);
  bytes[bytes.length - 1] = endByte;
  return bytes;
}

const infoKey = '4:info';
const endByte = 'e'.charCodeAt(0);
/** All torrents of a helper have the same trackers. */
const usualHeads = new WeakMap<readonly (readonly string[])[], Uint8Array>();

function usualHead(announce: readonly (readonly string[])[]): Uint8Array {
  const known = usualHeads.get(announce);
  if (known) return known;
  const head = encodeHead(announce);
  usualHeads.set(announce, head);
  return head;
}

/** All that comes before the info dictionary. */
function encodeHead(announce: readonly (readonly string[])[], encoding?: string): Uint8Array {
  const urls = announce.flat();
  const head = encodeBencode({
    ...(urls[0] !== undefined && { announce: urls[0] }),
    ...(urls.length > 1 && { 'announce-list': announce }),
    'created by': 'bittorrent-helper',
    // Without it the names would be others when it is read again.
    ...(encoding !== undefined && { encoding }),
  });
  return Buffer.concat([head.subarray(0, -1), Buffer.from(infoKey)]);
}

/**
 * Writes `<name>.torrent` into the folder, synced, and resolves with its absolute path. A file there that was written so
 * of this very torrent stays, or is replaced as a whole if its announce URLs differ; any other is left alone, one of this
 * torrent by another program too, and the next of `<name> (2).torrent`, `(3)` … is tried. Rejects with HelperError TORRENT_UNWRITABLE, DISK_FULL or FILES_EXHAUSTED,
 * or with the reason for which the asker has left.
 */
export async function writeTorrentFile(request: WriteRequest): Promise<string> {
  const { metainfo, announce, asker } = request;
  const dir = resolve(request.dir);
  const bytes = encodeTorrentFile(metainfo, announce);
  try {
    for (let number = 1; number <= maxNumber; number++) {
      const path = join(dir, torrentFileName(metainfo.name, number));
      if (await tryName(path, bytes, metainfo, asker)) return path;
    }
  } catch (error) {
    throw unwritable(dir, error);
  }
  throw new HelperError(
    'TORRENT_UNWRITABLE',
    `${dir} holds ${maxNumber} other torrents of the name ${metainfo.name}; clear some away, or choose another --torrent-dir`,
  );
}

/** True when our bytes are at `path`; false when something else is. */
async function tryName(
  path: string,
  bytes: Uint8Array,
  metainfo: Metainfo,
  asker: Asker | undefined,
): Promise<boolean> {
  for (let looks = 0; looks < maxLooks; looks++) {
    if (asker) mustStay(asker);
    if (await create(path, bytes)) return true;
    const found = await lookAt(path);
    if (found === 'something else') return false;
    // Or it was there a moment ago.
    if (found !== 'nothing') return reuseOrReplace(path, found, bytes, metainfo);
  }
  return false;
}

function create(path: string, bytes: Uint8Array): Promise<boolean> {
  return inFolder(
    () => makeDirectory(dirname(path)),
    () => createFile(path, bytes),
  );
}

async function reuseOrReplace(
  path: string,
  found: Uint8Array,
  bytes: Uint8Array,
  metainfo: Metainfo,
): Promise<boolean> {
  if (Buffer.compare(found, bytes) === 0) return true;
  if (!isOwn(found, metainfo)) return false;
  await replaceFile(path, bytes);
  return true;
}

/** The bytes of the regular file at `path`. */
async function lookAt(path: string): Promise<Uint8Array | 'nothing' | 'something else'> {
  try {
    return (await readBoundedFile(path, maxReadBytes)) ?? 'nothing';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EFBIG') return 'something else';
    // If the folder itself refuses, the next name would be no better.
    if (code !== undefined && closedCodes.has(code) && (await isTaken(path))) {
      return 'something else';
    }
    throw error;
  }
}

/** Whether it says what we would have written of this torrent with its trackers: another program's says more, or less. */
function isOwn(bytes: Uint8Array, metainfo: Metainfo): boolean {
  const end = Buffer.concat([Buffer.from(infoKey), metainfo.info, Buffer.of(endByte)]);
  const headBytes = bytes.length - end.length;
  if (headBytes < 0 || Buffer.compare(bytes.subarray(headBytes), end) !== 0) return false;
  try {
    const head = decodeBencode(Buffer.concat([bytes.subarray(0, headBytes), Buffer.from('e')]));
    if (!(head instanceof BencodeDictionary)) return false;
    return Buffer.compare(encodeTorrentFile(metainfo, parseAnnounceTiers(head)), bytes) === 0;
  } catch (error) {
    if (error instanceof BencodeError) return false;
    throw error;
  }
}

/** The `number`-th name to try, from 1. One too long for the disk with its ending is cut, between characters. */
export function torrentFileName(name: string, number: number): string {
  const ending = number === 1 ? '.torrent' : ` (${number}).torrent`;
  let stem = name;
  while (Buffer.byteLength(stem) + ending.length > metainfoLimits.nameBytes) {
    stem = stem.replace(/.$/su, '');
  }
  return `${stem}${ending}`;
}

function unwritable(dir: string, thrown: unknown): unknown {
  const code = systemCode(thrown);
  if (code === undefined || thrown instanceof HelperError) return thrown;
  const diskCode = diskErrorCode(thrown);
  if (diskCode === 'FILES_EXHAUSTED') {
    return filesExhausted(dir, 'written', thrown);
  }
  const isFull = diskCode === 'DISK_FULL';
  return new HelperError(
    isFull ? 'DISK_FULL' : 'TORRENT_UNWRITABLE',
    isFull
      ? `the disk is full: no .torrent file can be written to ${dir}; make room, or choose another --torrent-dir`
      : `no .torrent file can be written to ${dir} (${code}); look after its permissions, or choose another --torrent-dir`,
    { cause: thrown },
  );
}
