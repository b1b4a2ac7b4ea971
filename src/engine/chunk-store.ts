// The content store in the shape webtorrent wants it. Never throws: what fails is told to the callback.
import type { ChunkStore } from 'webtorrent';
import { HelperError, toHelperError } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { ContentStore } from './disk/content-store.js';

export interface MeteredChunkStore extends ChunkStore {
  /** Verified pieces that are not written yet. */
  readonly unwrittenBytes: number;
  /** Resolves when no write is under way. */
  idle(): Promise<void>;
}

const refusalDelayMs = 5_000;

/** Hears of every piece that is written. */
export interface PieceWriter {
  /** The write begins when this resolves. Must not reject. */
  writes(index: number): Promise<void>;
  wrote(index: number): void;
}

/** `close` only ends webtorrent's use: who opened `content` closes it. */
export function createChunkStore(
  metainfo: Metainfo,
  content: ContentStore,
  writer: PieceWriter | undefined,
): MeteredChunkStore {
  let unwrittenBytes = 0;
  const underWay = new Set<Promise<void>>();
  const write = async (index: number, bytes: Uint8Array) => {
    await writer?.writes(index);
    await content.write(offsetOf(index), bytes);
    writer?.wrote(index);
  };
  const offsetOf = (index: number) => index * metainfo.pieceLengthBytes;
  return {
    chunkLength: metainfo.pieceLengthBytes,
    get unwrittenBytes() {
      return unwrittenBytes;
    },
    get(index, options, callback) {
      const offset = options?.offset ?? 0;
      const lengthBytes = options?.length ?? metainfo.pieceBytes(index) - offset;
      if (!isInside(metainfo, index, offset, lengthBytes)) {
        return queueMicrotask(() => callback(new Error(`no such block in piece ${index}`)));
      }
      content.read(offsetOf(index) + offset, lengthBytes).then(
        (bytes) => callback(null, bytes),
        // A peer that is told no at once asks again at once, over and over.
        (thrown: unknown) =>
          void setTimeout(() => callback(toHelperError(thrown)), refusalDelayMs).unref(),
      );
    },
    put(index, bytes, callback) {
      if (!isInside(metainfo, index, 0, bytes.length)) {
        return queueMicrotask(() =>
          callback(new HelperError('INTERNAL', `bug: piece ${index} is not of this torrent`)),
        );
      }
      unwrittenBytes += bytes.length;
      const settle = (error: Error | null) => {
        unwrittenBytes -= bytes.length;
        underWay.delete(written);
        callback(error);
      };
      const written = write(index, bytes).then(
        () => settle(null),
        (thrown: unknown) => settle(toHelperError(thrown)),
      );
      underWay.add(written);
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    close: (callback) => queueMicrotask(() => callback(null)),
    destroy: (callback) => queueMicrotask(() => callback(null)),
  };
}

function isInside(metainfo: Metainfo, index: number, offset: number, lengthBytes: number): boolean {
  return (
    Number.isInteger(index) &&
    index >= 0 &&
    index < metainfo.pieceCount &&
    offset >= 0 &&
    lengthBytes > 0 &&
    offset + lengthBytes <= metainfo.pieceBytes(index)
  );
}
