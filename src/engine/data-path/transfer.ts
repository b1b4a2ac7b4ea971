// The way of one torrent's bytes: which pieces there are, the peers that give and take, and the haves between.
import type Wire from 'bittorrent-protocol';
import type { Metainfo } from '../../metainfo/metainfo.js';
import { clearPiece, createBitfield, hasPiece, setPiece } from '../../storage/layout/bitfield.js';
import type { TorrentStorage, WriteJournal } from '../../storage/storage.js';
import { announceUploadOnly, sendUploadOnly } from '../webtorrent/extensions.js';
import type { IncompleteBytes } from './budgets/incomplete-bytes.js';
import type { WorkBudget } from './budgets/work-budget.js';
import { Download } from './download/download.js';
import { WriteBatch } from './download/write-batch.js';
import type { DownloadingPiece, Sender } from './pieces/block-source.js';
import type { PieceBuffers } from './pieces/piece-buffers.js';
import type { SentBlocksBudget } from './pieces/sent-blocks.js';
import { PiecePlaces } from './places/piece-places.js';
import { allOf } from './rate-limit/combined-limit.js';
import { createRateLimit, type RateLimit } from './rate-limit/rate-limit.js';
import { SuperSeedingPolicy } from './super-seeding-policy.js';
import { SwarmPeer } from './swarm-peer.js';
import type { Choker } from './upload/choker.js';
import type { ReadCache } from './upload/read-cache/read-cache.js';
import { TorrentReadCache } from './upload/read-cache/torrent-read-cache.js';
import type { ServedContent } from './upload/upload.js';
import type { Verifier } from './verify/verify.js';
import { connectionOf } from './wire/connection.js';
import { listenPortOf } from './wire/peer-identity.js';
import { haveMessages } from './wire/write-messages.js';

/** What all torrents of one engine share of the way. */
export interface DataPath {
  readonly buffers: PieceBuffers;
  /** What lies in memory to be served. */
  readonly readCache: ReadCache;
  /** What peers were sent. */
  readonly sentBlocks: SentBlocksBudget;
  readonly verifier: Verifier;
  readonly downLimit: RateLimit;
  readonly upLimit: RateLimit;
  readonly choker: Choker;
  /** What peers may make us do, and messages of theirs that are not whole. */
  readonly work: WorkBudget;
  readonly incomplete: IncompleteBytes;
  /** Nothing runs afterwards. Call it when every torrent has been left. */
  close(): Promise<void>;
}

export interface TransferOptions {
  readonly metainfo: Metainfo;
  readonly content: TorrentStorage;
  readonly dataPath: DataPath;
  /** For this torrent alone; undefined: none. */
  readonly downBytesPerSecond?: number | undefined;
  readonly upBytesPerSecond?: number | undefined;
  /** Of a download. */
  readonly journal: WriteJournal | undefined;
  /** These pieces are verified and written. */
  readonly onPieces: (indices: readonly number[]) => void;
  /** So many bytes of blocks came, good or bad, or went. */
  readonly onReceived: (lengthBytes: number) => void;
  readonly onSent: (lengthBytes: number) => void;
  /** So many bytes more, of a block that nobody asked for, or waits for any longer. */
  readonly onUnasked: (lengthBytes: number) => void;
  /** Of what was received so much is of no use: it was bad, or its piece did not become whole. */
  readonly onDiscarded: (lengthBytes: number) => void;
  /** A peer has told of pieces, or that it wants none. */
  readonly onPeerPieces: (peer: SwarmPeer) => void;
  readonly onBanned: (sender: Sender) => void;
  /** A peer that is to be met again: it could not be told otherwise that we have less than before. */
  readonly onHungUp: (sender: Sender) => void;
  /** A peer comes back for a block of this piece that it was given. */
  readonly onAskedAgain: (index: number) => void;
  /** The disk refuses. */
  readonly onFailed: (thrown: unknown) => void;
  /** A mistake of ours has cost a connection. */
  readonly onBug: (thrown: unknown) => void;
}

export class Transfer {
  readonly peers = new Set<SwarmPeer>();
  readonly #bannedSenders = new WeakSet<Sender>();
  readonly #byWire = new WeakMap<Wire, SwarmPeer>();
  readonly #options: TransferOptions;
  readonly #served: ServedContent;
  readonly #writes: WriteBatch | undefined;
  readonly #places: PiecePlaces | undefined;
  readonly #ownLimits: { readonly down: RateLimit; readonly up: RateLimit };
  readonly #downLimit: RateLimit;
  readonly #upLimit: RateLimit;
  #have: Uint8Array;
  #haveCount = 0;
  /** Nothing is left to be fetched; and so it stays, whatever is lost afterwards. */
  #isComplete = false;
  #download: Download | undefined;
  readonly #superSeeding: SuperSeedingPolicy;

  constructor(options: TransferOptions) {
    this.#options = options;
    const { metainfo, content, journal, dataPath } = options;
    this.#ownLimits = {
      down: createRateLimit(options.downBytesPerSecond),
      up: createRateLimit(options.upBytesPerSecond),
    };
    // The narrower first: it is the one that most are refused by.
    this.#downLimit = allOf([this.#ownLimits.down, dataPath.downLimit]);
    this.#upLimit = allOf([this.#ownLimits.up, dataPath.upLimit]);
    this.#have = new Uint8Array(Math.ceil(metainfo.pieceCount / 8));
    this.#served = {
      pieceCount: metainfo.pieceCount,
      pieceLengthBytes: metainfo.pieceLengthBytes,
      pieceBytes: (index) => metainfo.pieceBytes(index),
      has: (index) => hasPiece(this.#have, index),
      readCache: new TorrentReadCache(dataPath.readCache, content),
      sentBlocks: dataPath.sentBlocks,
      askedAgain: (index) => this.#lookAgain(index),
    };
    this.#superSeeding = new SuperSeedingPolicy({
      metainfo,
      peers: this.peers,
      onTold: (peer) => this.#tellUploadOnly(peer),
    });
    if (journal === undefined) return;
    const { buffers, verifier } = dataPath;
    const { onFailed } = options;
    const places = new PiecePlaces({
      metainfo,
      content,
      journal,
      buffers,
      verifier,
      onFailed,
      onCaughtUp: () => this.#download?.wakeAll(),
    });
    this.#places = places;
    this.#writes = new WriteBatch({
      metainfo,
      places,
      journal,
      onFailed,
      isEndNear: () => this.#download?.isEndNear ?? false,
      onWritten: (pieces) => this.#written(pieces),
      onLost: (pieces) => {
        for (const piece of pieces) places.release(piece);
      },
    });
  }

  /** A handshake was exchanged. Must run before anything else is read. */
  add(wire: Wire): void {
    const connection = connectionOf(wire);
    const { metainfo, dataPath, onReceived, onUnasked, onSent, onBug } = this.#options;
    if (connection === undefined) return;
    const sender: Sender = { host: wire.remoteAddress, port: listenPortOf(wire) };
    const peer = new SwarmPeer({
      connection,
      sender,
      onReceived,
      onUnasked,
      onSent,
      onBug,
      content: this.#served,
      downLimit: this.#downLimit,
      upLimit: this.#upLimit,
      choker: dataPath.choker,
      onPieces: (changed, index) => this.#changed(changed, index),
      onExtendedHandshake: (changed) => {
        sender.port = listenPortOf(wire);
        this.#tellUploadOnly(changed);
      },
    });
    connection.assign(metainfo.infoHash, peer);
    this.#superSeeding.add(peer);
    if (this.#isUploadOnlyTo(peer)) announceUploadOnly(wire);
    this.peers.add(peer);
    this.#byWire.set(wire, peer);
    connection.onClose(() => {
      this.peers.delete(peer);
      peer.close();
      this.#superSeeding.left(peer);
    });
  }

  /** What lies on disk has been checked: `have` is there, the rest is fetched of whoever is there. */
  begin(have: Uint8Array): void {
    const { metainfo } = this.#options;
    this.#have = have.slice();
    for (let index = 0; index < metainfo.pieceCount; index++) {
      if (hasPiece(have, index)) this.#haveCount += 1;
    }
    this.#isComplete = this.#hasAll;
    if (this.#hasAll) this.#superSeeding.begin();
    const [writes, places] = [this.#writes, this.#places];
    if (this.#hasAll || writes === undefined || places === undefined) return;
    this.#download = new Download({
      metainfo,
      have,
      writes,
      places,
      onDiscarded: this.#options.onDiscarded,
      onBanned: (sender) => this.#banned(sender),
    });
  }

  /** Tells a peer what we have: the first word after the handshake (BEP 3, BEP 6). Then all others may follow. */
  sendBitfield(wire: Wire): void {
    const peer = this.#byWire.get(wire);
    const isSuperSeeded = peer !== undefined && this.#superSeeding.isSuperSeeded(peer);
    if (wire.hasFast && (isSuperSeeded || this.#haveCount === 0)) wire.haveNone();
    else if (wire.hasFast && this.#hasAll) wire.haveAll();
    else wire.bitfield(isSuperSeeded ? createBitfield(peer.pieceCount) : this.#have.slice());
    peer?.bitfieldSent(this.#download);
    if (peer === undefined) return;
    this.#superSeeding.bitfieldSent(peer);
    this.#tellUploadOnly(peer);
  }

  /** What was read of these bytes may be old. */
  forget(offsetBytes: number, lengthBytes: number): void {
    this.#served.readCache.forget(offsetBytes, lengthBytes);
  }

  /** These pieces are not what they were, and are not fetched again: nobody gets them, and whoever was told of them hears of it. */
  withdraw(indices: readonly number[]): void {
    const lost = indices.filter((index) => hasPiece(this.#have, index));
    if (lost.length === 0) return;
    for (const index of lost) {
      clearPiece(this.#have, index);
      this.#forgetPiece(index);
    }
    this.#haveCount -= lost.length;
    this.#superSeeding.lostPieces();
    for (const peer of [...this.peers]) {
      if (peer.withdrawn(lost)) this.#options.onHungUp(peer.sender);
    }
  }

  /** They are what they were before they were withdrawn. */
  restore(indices: readonly number[]): void {
    const found = indices.filter((index) => !hasPiece(this.#have, index));
    for (const index of found) setPiece(this.#have, index);
    this.#haveCount += found.length;
    this.#sendHaves(found);
  }

  /** Asks for nothing more. Resolves when what is whole has been written, and nothing is read. Never rejects. */
  async close(): Promise<void> {
    this.#download?.close();
    this.#superSeeding.close();
    for (const peer of this.peers) peer.connection.close();
    this.#served.readCache.close();
    this.#ownLimits.down.close();
    this.#ownLimits.up.close();
    await this.#places?.idle();
    await this.#writes?.idle();
  }

  /** The pieces that are there (BEP 3); for others to look at, not to change. */
  get have(): Uint8Array {
    return this.#have;
  }

  /** The pieces that are being fetched. */
  get underWay(): Iterable<DownloadingPiece> {
    return this.#download?.underWay.values() ?? [];
  }

  get #hasAll(): boolean {
    return this.#haveCount === this.#options.metainfo.pieceCount;
  }

  #written(pieces: readonly DownloadingPiece[]): void {
    const indices = pieces.map(({ index }) => index);
    for (const index of indices) setPiece(this.#have, index);
    this.#haveCount += indices.length;
    this.#download?.written(pieces);
    this.#sendHaves(indices);
    for (const peer of this.peers) for (const index of indices) peer.gained(index);
    this.#options.onPieces(indices);
    if (!this.#hasAll) return;
    this.#isComplete = true;
    for (const peer of this.peers) {
      peer.leave();
      this.#tellUploadOnly(peer);
    }
  }

  #changed(peer: SwarmPeer, index: number | undefined): void {
    this.#superSeeding.changed(peer, index);
    this.#options.onPeerPieces(peer);
  }

  /** By message, where the handshake of extensions did not say so. */
  #tellUploadOnly(peer: SwarmPeer): void {
    const { wire } = peer.connection;
    const isTold = wire.extendedHandshake.upload_only === 1;
    if (peer.isBitfieldSent && !isTold && this.#isUploadOnlyTo(peer)) sendUploadOnly(wire);
  }

  /** Whoever is super-seeded may not know what we have. */
  #isUploadOnlyTo(peer: SwarmPeer): boolean {
    return this.#isComplete && !this.#superSeeding.isSuperSeeded(peer);
  }

  /** A peer comes back for what it was given. */
  #lookAgain(index: number): void {
    this.#forgetPiece(index);
    this.#options.onAskedAgain(index);
  }

  #forgetPiece(index: number): void {
    const { metainfo } = this.#options;
    this.forget(index * metainfo.pieceLengthBytes, metainfo.pieceBytes(index));
  }

  /** Of each bad piece anew, but it is one offence. */
  #banned(sender: Sender): void {
    if (this.#bannedSenders.has(sender)) return;
    this.#bannedSenders.add(sender);
    this.#options.onBanned(sender);
    for (const peer of this.peers) if (peer.sender === sender) peer.connection.close();
  }

  /** Those of a batch go out together. */
  #sendHaves(indices: readonly number[]): void {
    const haves = haveMessages(indices);
    for (const { connection, isBitfieldSent } of this.peers)
      if (isBitfieldSent) connection.send(haves);
  }
}
