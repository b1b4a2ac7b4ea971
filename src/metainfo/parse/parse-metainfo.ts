// Parses metainfo (BEP 3) from bytes that anybody may have made, and validates all of it: what comes out of here can be
// downloaded without another check. Pure.
import { hash } from 'node:crypto';
import { platform as thisPlatform } from 'node:os';
import { HelperError } from '../../errors.js';
import { metainfoLimits } from '../../limits.js';
import { BencodeDictionary, type BencodeValue } from '../bencode-values.js';
import { decodeBencode, decodeTolerantly } from '../decode-bencode.js';
import { Metainfo, sha1Bytes } from '../metainfo.js';
import { decodeUtf8 } from '../names/decode-names.js';
import { quoteBytes } from '../quote.js';
import { BencodeError } from '../scan-bencode.js';
import { parseAnnounceTiers } from './announce-list.js';
import { parseFiles } from './files.js';
import { invalid, MetainfoFlaw, unsupported } from './flaws.js';
import { remarkOnFlaws } from './remarks.js';

/**
 * Parses a .torrent file. `origin` is its path or URL, for messages. Throws HelperError METAINFO_INVALID or
 * METAINFO_UNSUPPORTED. The result keeps views into `bytes`, which must not change any more.
 */
export function parseMetainfo(
  bytes: Uint8Array,
  origin: string,
  platform: NodeJS.Platform = thisPlatform(),
): Metainfo {
  return withOrigin(origin, () => {
    if (bytes[0] !== 'd'.charCodeAt(0)) throw invalid(`it ${beginning(bytes)}`);
    const { value, flaws } = decodeTolerantly(bytes, 'metainfo');
    const torrent = asDictionary(value);
    const info = torrent.get('info');
    const raw = torrent.raw('info');
    if (!(info instanceof BencodeDictionary) || !raw) throw invalid('it has no info dictionary');
    return fromInfo(info, raw, {
      announce: parseAnnounceTiers(torrent),
      encoding: parseEncoding(torrent.get('encoding')),
      remarks: remarkOnFlaws(flaws),
      platform,
    });
  });
}

/**
 * Parses a bare info dictionary, as it comes from a swarm (BEP 9). Whether its info hash is the one asked for is the
 * caller's to see. Throws as `parseMetainfo` does.
 */
export function parseInfo(
  info: Uint8Array,
  announce: readonly (readonly string[])[],
  origin: string,
  platform: NodeJS.Platform = thisPlatform(),
): Metainfo {
  // What is accepted here can be written to a .torrent file, and read back.
  return withOrigin(origin, () => {
    const beside = { announce, encoding: undefined, remarks: [], platform };
    return fromInfo(asDictionary(decodeBencode(info, 'info')), info, beside);
  });
}

/** What stands beside an info dictionary. */
interface BesideInfo extends Pick<Metainfo, 'announce' | 'encoding' | 'remarks'> {
  readonly platform: NodeJS.Platform;
}

function fromInfo(
  info: BencodeDictionary,
  raw: Uint8Array,
  { announce, encoding, remarks, platform }: BesideInfo,
): Metainfo {
  checkVersion(info);
  // Of the bytes as they stand: the keys need not be in order, and unknown ones count too.
  const infoHash = hash('sha1', raw);
  const files = parseFiles(info, { platform, encoding, infoHash });
  const pieceLengthBytes = parsePieceLength(info);
  const privacy = info.get('private');
  return new Metainfo({
    infoHash,
    pieceLengthBytes,
    pieceHashes: parsePieceHashes(info, Math.ceil(files.lengthBytes / pieceLengthBytes)),
    isPrivate: typeof privacy === 'number' && privacy !== 0,
    announce,
    info: raw,
    // V8 is slow to add fields to what was spread, and not to spread after them.
    ...files,
    remarks: [...remarks, ...files.remarks],
  });
}

/** Hybrids of BitTorrent v1 and v2 (BEP 52) hold all that v1 asks for, and are used as v1. */
function checkVersion(info: BencodeDictionary): void {
  const version = info.get('meta version');
  if (typeof version === 'number' && version > 2) {
    throw unsupported(`it is of BitTorrent v${version}, and this helper speaks v1`);
  }
  if (info.get('pieces') === undefined && (version === 2 || info.get('file tree') !== undefined)) {
    throw unsupported('it is of BitTorrent v2 only, and this helper speaks v1');
  }
}

function parsePieceLength(info: BencodeDictionary): number {
  const bytes = info.get('piece length');
  if (typeof bytes !== 'number' || bytes < 1) throw invalid('it has no valid piece length');
  if (bytes < metainfoLimits.leastPieceLengthBytes || bytes > metainfoLimits.pieceLengthBytes) {
    throw unsupported(
      `its pieces of ${bytes} bytes are not between ${metainfoLimits.leastPieceLengthBytes} and ${metainfoLimits.pieceLengthBytes}`,
    );
  }
  return bytes;
}

function parsePieceHashes(info: BencodeDictionary, pieceCount: number): Uint8Array {
  const hashes = info.get('pieces');
  if (!(hashes instanceof Uint8Array)) throw invalid('it has no piece hashes');
  if (pieceCount > metainfoLimits.pieces)
    throw unsupported(`it has more than ${metainfoLimits.pieces} pieces`);
  if (hashes.length !== pieceCount * sha1Bytes) {
    throw invalid(
      `its files make ${pieceCount} pieces, but it has ${hashes.length / sha1Bytes} hashes`,
    );
  }
  return hashes;
}

function parseEncoding(label: BencodeValue | undefined): string | undefined {
  return label instanceof Uint8Array ? decodeUtf8(label) : undefined;
}

function asDictionary(value: BencodeValue): BencodeDictionary {
  if (!(value instanceof BencodeDictionary)) throw invalid('it is no bencoded dictionary');
  return value;
}

function beginning(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'is empty';
  return `begins with ${quoteBytes(bytes.subarray(0, 16))}`;
}

/** Says where the metainfo came from and what to do, whatever flaw is found. */
function withOrigin(origin: string, parse: () => Metainfo): Metainfo {
  try {
    return parse();
  } catch (error) {
    if (error instanceof BencodeError) throw refused(origin, invalid(error.message), error);
    if (error instanceof MetainfoFlaw) throw refused(origin, error, error);
    throw error;
  }
}

function refused(origin: string, { code, message }: MetainfoFlaw, cause: Error): HelperError {
  const sentence =
    code === 'METAINFO_INVALID'
      ? `${origin} is not a valid torrent: ${message}; get it again from where it was published`
      : `${origin} cannot be used: ${message}; ask for another torrent of the same content`;
  return new HelperError(code, sentence, { cause });
}
