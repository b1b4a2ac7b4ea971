// Chooses where a piece goes that is begun, and finds where one lies: in memory, which is quicker, as long as there is
// room for it; on disk if it is too long, or there is no room. One torrent's.
import type { DownloadingPiece } from '../pieces/block-source.js';
import type { BlockWritesOptions } from './block-writes.js';
import { DiskPlace } from './disk-place.js';
import { MemoryPlace, type MemoryPlaceOptions } from './memory-place.js';
import type { PiecePlace } from './piece-place.js';

/** Pieces for which there is no room in memory go to disk, as those do that are too long for it. */
const mostOnDiskForWantOfRoom = 2;
/** In place of an address in memory. */
const onDisk = -1;

export type PiecePlacesOptions = BlockWritesOptions & MemoryPlaceOptions;

export class PiecePlaces {
  readonly #options: PiecePlacesOptions;
  readonly #memory: MemoryPlace;
  readonly #disk: DiskPlace;
  #onDisk = 0;

  constructor(options: PiecePlacesOptions) {
    this.#options = options;
    this.#memory = new MemoryPlace(options);
    this.#disk = new DiskPlace(options);
  }

  of(piece: DownloadingPiece): PiecePlace {
    return piece.isOnDisk ? this.#disk : this.#memory;
  }

  /** Some are on disk: each of their blocks needs memory of its own until it is written. */
  get isAnyOnDisk(): boolean {
    return this.#onDisk > 0;
  }

  /** The disk is slower than the network. */
  get isBehind(): boolean {
    return this.#disk.isBehind;
  }

  /**
   * Where in memory a piece begins, or -1 for one on disk. Undefined: there is no room now, and `onRoom` is called when there
   * is. `willHaveRoom`: some is given back soon.
   */
  begin(lengthBytes: number, willHaveRoom: boolean, onRoom: () => void): number | undefined {
    const { buffers } = this.#options;
    const startBytes = buffers.allocatePiece(lengthBytes);
    if (startBytes !== -1) return startBytes;
    if (lengthBytes <= buffers.largestPieceBytes) {
      buffers.waitForRoom(onRoom);
      if (willHaveRoom || this.#onDisk >= mostOnDiskForWantOfRoom) return undefined;
    }
    this.#onDisk += 1;
    return onDisk;
  }

  /** After `memoryFor` has refused a block. */
  waitForRoom(onRoom: () => void): void {
    this.#options.buffers.waitForRoom(onRoom);
  }

  stopWaiting(onRoom: () => void): void {
    this.#options.buffers.stopWaiting(onRoom);
  }

  /** It is written, bad, or not wanted any more. */
  release(piece: DownloadingPiece): void {
    if (piece.isOnDisk) this.#onDisk -= 1;
    this.of(piece).release(piece);
  }

  /** Resolves when nothing is being hashed, written or read. Never rejects. */
  async idle(): Promise<void> {
    await Promise.all([this.#memory.idle(), this.#disk.idle()]);
  }
}
