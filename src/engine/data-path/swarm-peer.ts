// One peer of one torrent, connected: which pieces it has, what is asked of it, what it asks for, and who is interested.
import { strangerKey } from '../../net/own-addresses.js';
import {
  onDontHave,
  onUploadOnly,
  sendDontHave,
  understandsDontHave,
} from '../webtorrent/extensions.js';
import { onChoking } from '../webtorrent/wire-messages.js';
import type { Download } from './download/download.js';
import type { Sender } from './pieces/block-source.js';
import { blockBytes } from './pieces/partial-piece.js';
import { PeerAvailability } from './pieces/peer-availability.js';
import { type OnChange, PeerPieces } from './pieces/peer-pieces.js';
import type { RateLimit } from './rate-limit/rate-limit.js';
import { RequestPipeline } from './requests/request-pipeline.js';
import type { ChokedPeer, Choker } from './upload/choker.js';
import type { SuperSeededPeer } from './upload/super-seeding.js';
import { type ServedContent, Upload } from './upload/upload.js';
import type { Connection } from './wire/connection.js';
import { isSameClient } from './wire/peer-identity.js';
import type { PeerMessageListener } from './wire/received-messages.js';
import { haveMessages, keepAlive } from './wire/write-messages.js';

/** To take back more than this, one by one, costs more than a connection and a bitfield anew. */
const mostTakenBack = 256;

export interface SwarmPeerOptions {
  readonly connection: Connection;
  readonly content: ServedContent;
  readonly sender: Sender;
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  readonly choker: Choker;
  /** So many bytes of blocks came or went. */
  readonly onReceived: (lengthBytes: number) => void;
  /** So many that nobody waits for. */
  readonly onUnasked: (lengthBytes: number) => void;
  readonly onSent: (lengthBytes: number) => void;
  /** It has other pieces than before, or wants none any more. `index`: it has that one more, and nothing else is new. */
  readonly onPieces: (peer: SwarmPeer, index?: number) => void;
  readonly onExtendedHandshake: (peer: SwarmPeer) => void;
  readonly onBug: (thrown: unknown) => void;
}

export class SwarmPeer implements PeerMessageListener, ChokedPeer, SuperSeededPeer {
  readonly connection: Connection;
  readonly sender: Sender;
  readonly address: string | undefined;
  readonly pieces: PeerPieces;
  readonly #options: SwarmPeerOptions;
  readonly #availability: PeerAvailability;
  readonly #upload: Upload;
  #download: Download | undefined;
  #requests: RequestPipeline | undefined;
  #isBitfieldSent = false;
  #isUploadOnly = false;
  /** By a have, in the read at hand. */
  #hasHeardOfPiece = false;

  constructor(options: SwarmPeerOptions) {
    const { connection, content, sender, upLimit, onSent } = options;
    this.#options = options;
    this.connection = connection;
    this.sender = sender;
    this.address = sender.host && strangerKey(sender.host);
    this.pieces = new PeerPieces(content.pieceCount);
    this.#availability = new PeerAvailability(this.pieces);
    const upload = new Upload({ connection, content, limit: upLimit, onSent });
    this.#upload = upload;
    onChoking(connection.wire, () => upload.choked());
    onDontHave(connection.wire, (index) => this.hasNot(index));
    onUploadOnly(connection.wire, (isUploadOnly) => this.#setUploadOnly(isUploadOnly));
  }

  get pieceCount(): number {
    return this.pieces.pieceCount;
  }

  get blocksPerPiece(): number {
    return Math.ceil(this.#options.content.pieceLengthBytes / blockBytes);
  }

  get isSeeder(): boolean {
    return this.pieces.hasAll;
  }

  /** It has everything, or wants nothing more of what it lacks (BEP 21). */
  get wantsNothing(): boolean {
    return this.isSeeder || this.#isUploadOnly;
  }

  get takenBytes(): number {
    return this.connection.wire.uploaded;
  }

  get givenBytes(): number {
    return this.connection.wire.downloaded;
  }

  get isNewcomer(): boolean {
    return this.pieces.count === 0;
  }

  get isAsking(): boolean {
    return this.#upload.isAsked;
  }

  /** Blocks that it was asked for and has not sent. */
  get askedBlocks(): number {
    return this.#requests?.askedBlocks ?? 0;
  }

  /** Blocks that it asked for and was not sent. */
  get owedBlocks(): number {
    return this.#upload.queuedBlocks;
  }

  /** It owes blocks, and sends none. */
  get isSnubbing(): boolean {
    return this.#requests?.isSnubbed ?? false;
  }

  get isWaiting(): boolean {
    const { peerInterested, amChoking } = this.connection.wire;
    return peerInterested && amChoking;
  }

  choke(): void {
    const { connection } = this;
    if (!connection.isClosed) connection.run(() => connection.wire.choke());
  }

  unchoke(): void {
    const { connection } = this;
    if (!connection.isClosed) connection.run(() => connection.wire.unchoke());
  }

  reveal(indices: readonly number[]): void {
    const { content } = this.#options;
    const there = indices.filter((index) => content.has(index));
    if (there.length > 0) this.connection.send(haveMessages(there));
  }

  /**
   * We have these pieces no longer, and it may have been told that we do: takes that back, or else closes the connection, as a
   * bitfield is said once (BEP 3), and whoever is met again is told the truth. Says whether it did that.
   */
  withdrawn(indices: readonly number[]): boolean {
    this.#upload.withdrawn();
    const { connection } = this;
    const missed = indices.filter((index) => !this.pieces.has(index));
    if (!this.#isBitfieldSent || connection.isClosed || missed.length === 0) return false;
    if (missed.length > mostTakenBack || !understandsDontHave(connection.wire)) {
      connection.run(() => connection.close());
      return true;
    }
    for (const index of missed) sendDontHave(connection.wire, index);
    return false;
  }

  /** It has been told what we have. From now on it is asked for what `download` lacks, if there is one. */
  bitfieldSent(download: Download | undefined): void {
    this.#isBitfieldSent = true;
    // What it said in one breath with its handshake has been heard already.
    if (this.connection.wire.peerInterested) this.interested();
    if (download !== undefined && !download.isOver) this.#join(download);
  }

  get isBitfieldSent(): boolean {
    return this.#isBitfieldSent;
  }

  #join(download: Download): void {
    const { connection, sender, pieces } = this;
    this.#download = download;
    this.#requests = new RequestPipeline({
      connection,
      download,
      sender,
      pieces,
      limit: this.#options.downLimit,
    });
    this.#availability.start(download.picker);
    download.add(this.#requests);
    this.#updateInterest();
    this.#requests.wake();
  }

  /** What it has is not asked for any more: the download is over, or the connection. */
  leave(): void {
    const download = this.#download;
    if (download === undefined || this.#requests === undefined) return;
    this.#availability.stop();
    this.#requests.close();
    download.remove(this.#requests);
    this.#download = undefined;
    this.#requests = undefined;
    this.#updateInterest();
  }

  close(): void {
    this.leave();
    this.#options.choker.disconnected(this);
    this.#upload.close();
  }

  /** We have the piece now, and lack it no more. */
  gained(index: number): void {
    if (!this.pieces.has(index)) return;
    this.#availability.gained();
    this.#updateInterest();
  }

  choked(): void {
    this.#requests?.choked();
  }

  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number {
    const startBytes = this.#requests?.blockBegan(index, offsetBytes, lengthBytes) ?? -1;
    if (startBytes === -1) this.#options.onUnasked(lengthBytes);
    return startBytes;
  }

  blockEnded(): void {
    this.#requests?.blockEnded();
  }

  readEnded(askedBytes: number): void {
    if (askedBytes > 0) this.#options.onReceived(askedBytes);
    this.#requests?.readEnded();
    this.#acknowledge();
  }

  /**
   * Says by a keep-alive what the system would say only after 40 ms, as there is nothing to send: that a have was heard. Until
   * then a peer that gathers small messages (Nagle's algorithm; libtorrent does) delays its next requests. Never in answer
   * to a keep-alive, or two who do so would not end.
   */
  #acknowledge(): void {
    if (!this.#hasHeardOfPiece) return;
    this.#hasHeardOfPiece = false;
    const { wire, isClosed } = this.connection;
    const isFetching = wire.peerInterested && !wire.amChoking && this.takenBytes > 0;
    if (!isFetching || isClosed || isSameClient(wire)) return;
    if (!this.#upload.isAsked) this.connection.send(keepAlive);
  }

  requested(index: number, offsetBytes: number, lengthBytes: number): void {
    // It may have had nothing to ask for until now, and have lost its slot.
    if (!this.connection.wire.amChoking) this.#options.choker.wants(this);
    this.#upload.requested(index, offsetBytes, lengthBytes);
  }

  cancelled(index: number, offsetBytes: number, lengthBytes: number): void {
    this.#upload.cancelled(index, offsetBytes, lengthBytes);
  }

  rejected(index: number, offsetBytes: number, lengthBytes: number): void {
    this.#requests?.rejected(index, offsetBytes, lengthBytes);
  }

  has(index: number): void {
    this.#hasHeardOfPiece = true;
    if (!this.pieces.add(index)) return;
    this.#availability.changed(index, true);
    this.#afterChange(this.#download?.picker.isOffered(index) ?? false, index);
  }

  hasNot(index: number): void {
    if (!this.pieces.delete(index)) return;
    this.#availability.changed(index, false);
    this.#afterChange(false);
  }

  hasBitfield(bits: Uint8Array): void {
    this.#replace((onChange) => this.pieces.replace(bits, onChange));
  }

  hasAll(): void {
    this.#replace((onChange) => this.pieces.addAll(onChange));
  }

  hasNone(): void {
    this.#replace((onChange) => this.pieces.deleteAll(onChange));
  }

  unchoked(): void {
    this.#requests?.unchoked();
  }

  interested(): void {
    if (this.#isBitfieldSent) this.#options.choker.wants(this);
  }

  uninterested(): void {
    this.#options.choker.wantsNothing(this);
  }

  allowedFast(index: number): void {
    this.#requests?.allowedFast(index);
  }

  extendedHandshakeReceived(): void {
    const { upload_only: isUploadOnly } = this.connection.wire.peerExtendedHandshake;
    if (isUploadOnly !== undefined) this.#setUploadOnly(isUploadOnly === 1);
    this.#options.onExtendedHandshake(this);
  }

  threw(thrown: unknown): void {
    this.#options.onBug(thrown);
  }

  #setUploadOnly(isUploadOnly: boolean): void {
    if (this.#isUploadOnly === isUploadOnly) return;
    this.#isUploadOnly = isUploadOnly;
    this.#options.onPieces(this);
  }

  #replace(change: (onChange: OnChange) => void): void {
    this.#availability.replace(change);
    this.#afterChange(true);
  }

  #afterChange(mayAsk: boolean, index?: number): void {
    this.#updateInterest();
    if (mayAsk) this.#requests?.wake();
    this.#options.onPieces(this, index);
  }

  #updateInterest(): void {
    const { wire, isClosed } = this.connection;
    if (isClosed || !this.#isBitfieldSent) return;
    if (this.#availability.lacking > 0) wire.interested();
    else wire.uninterested();
  }
}
