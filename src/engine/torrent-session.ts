// One joined torrent, from the join to the leave: storage opened, peers found, existing data checked, pieces fetched and
// written, completion made safe. Tells its listener in plain events; after the leave, nothing.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import type { SwarmEvent } from '../../machines/types.js';
import { createDeferred } from '../async/deferred.js';
import { withTimeout } from '../async/with-timeout.js';
import { type HelperError, toFailure } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import type { ResumableStorage } from '../storage/storage.js';
import type { Sender } from './data-path/pieces/block-source.js';
import { Transfer } from './data-path/transfer.js';
import { listenPortOf } from './data-path/wire/peer-identity.js';
import type { JoinRequest, Swarm } from './engine.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { offerMetadata } from './metadata/ut-metadata.js';
import { type PeerDiscovery, startPeerDiscovery } from './peer-discovery.js';
import { UnverifiedProgress } from './unverified-progress.js';
import { addTorrent, destroyTorrent } from './webtorrent/add-torrent.js';

/** While peers are there who may want them, one looks so often whether pieces are what they were before. */
const lostLooksEveryMs = 5_000;
const destroyTimeoutMs = 1_000;
const closeFilesTimeoutMs = 2_500;
/** With less room than this and a piece, a download whose disk was full does not bother its peers again. */
const leastFreeBytes = 2 ** 20;

export interface JoinOptions {
  /** Waited for first; must not reject. */
  readonly after: Promise<void>;
  /** The last stay ended because the disk was full. */
  readonly wasFull: boolean;
}

export class TorrentSession implements Swarm {
  readonly #engine: EngineDependencies;
  readonly #request: JoinRequest;
  readonly #listener: (event: SwarmEvent) => void;
  readonly #options: JoinOptions;
  readonly #metainfo: Metainfo;
  readonly #over = new AbortController();
  readonly #filesClosed = createDeferred<void>();
  #opening: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;

  #storage: ResumableStorage | undefined;
  #transfer: Transfer | undefined;
  #torrent: Torrent | undefined;
  #discovery: PeerDiscovery | undefined;
  #isChecked = false;
  /** Of complete content: they were changed by somebody, and are not fetched again. */
  #withdrawnBytes = 0;
  #hasToldChange = false;
  #lostTimer: NodeJS.Timeout | undefined;
  #hasToldBug = false;
  #verifiedBytes: number;
  readonly #unverified: UnverifiedProgress;
  #uploadedBytes = 0;
  #downloadedBytes = 0;

  constructor(
    engine: EngineDependencies,
    request: JoinRequest,
    listener: (event: SwarmEvent) => void,
    options: JoinOptions,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#listener = listener;
    this.#options = options;
    this.#metainfo = request.metainfo;
    this.#verifiedBytes = request.role === 'seed' ? request.metainfo.lengthBytes : 0;
    this.#unverified = new UnverifiedProgress(request.metainfo.pieceLengthBytes, () =>
      this.#emit({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes }),
    );
  }

  start(): void {
    this.#opening = this.#open().catch((thrown: unknown) => this.#fail(thrown));
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** Resolves when, after the leave, the files are closed: a disk may take longer than `leave` waits. */
  get filesClosed(): Promise<void> {
    return this.#filesClosed.promise;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get #leftBytes(): number {
    return this.#metainfo.lengthBytes - this.#verifiedBytes;
  }

  #emit(event: SwarmEvent): void {
    if (!this.#isOver) this.#listener(event);
  }

  #warn(thrown: unknown): void {
    this.#emit({ type: 'swarm.warned', failure: toFailure(thrown) });
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return;
    const failure = toFailure(thrown);
    this.#listener({ type: failure.isTransient ? 'storage.error' : 'swarm.failed', failure });
    void this.leave();
  }

  async #open(): Promise<void> {
    await this.#options.after;
    if (this.#isOver) return;
    const storage = await this.#openStorage();
    this.#storage = storage;
    if (this.#isOver) return;
    const transfer = this.#createTransfer(storage);
    this.#transfer = transfer;
    const metainfo = this.#metainfo;
    const torrent = addTorrent(this.#engine.client, {
      infoHash: metainfo.infoHash,
      isPrivate: metainfo.isPrivate,
      onError: (error) => this.#fail(error),
      pieces: {
        check: () => this.#begin(transfer, storage),
        sendBitfield: (wire) => transfer.sendBitfield(wire),
      },
    });
    this.#torrent = torrent;
    torrent.on('wire', (wire: Wire) => {
      transfer.add(wire);
      offerMetadata(wire, metainfo.info);
    });
    torrent.once('metadata', () => this.#startDiscovery(torrent));
  }

  #createTransfer({ content, journal }: ResumableStorage): Transfer {
    const { metainfo, downBytesPerSecond, upBytesPerSecond } = this.#request;
    return new Transfer({
      downBytesPerSecond,
      upBytesPerSecond,
      metainfo,
      content,
      dataPath: this.#engine.dataPath,
      journal,
      onPieces: (indices) => this.#onPieces(indices),
      onPeerPieces: ({ connection, wantsNothing }) => {
        // Two seeders have nothing to say to each other.
        if (wantsNothing && this.#hasEverything) connection.close();
      },
      onReceived: (lengthBytes) => {
        this.#downloadedBytes += lengthBytes;
        this.#unverified.received(lengthBytes);
      },
      onSent: (lengthBytes) => {
        this.#uploadedBytes += lengthBytes;
      },
      onBanned: (sender) => this.#ban(sender),
      onHungUp: (sender) => this.#discovery?.meetAgain(sender),
      onAskedAgain: (index) => this.#storage?.lookAgain(index),
      onBug: (thrown) => this.#warnOfBug(thrown),
      onFailed: (thrown) => this.#fail(thrown),
    });
  }

  /** Once: where there is one there are thousands. */
  #warnOfBug(thrown: unknown): void {
    if (this.#hasToldBug) return;
    this.#hasToldBug = true;
    this.#warn(thrown);
  }

  #openStorage(): Promise<ResumableStorage> {
    const { metainfo, contentPath, role, stamps } = this.#request;
    return this.#engine.storage.open({
      metainfo,
      contentPath,
      role,
      stamps,
      signal: this.#over.signal,
      leastFreeBytes: this.#options.wasFull ? metainfo.pieceBytes(0) + leastFreeBytes : undefined,
      onUnreadable: (error) => this.#warnOfUnread(error),
      changes: {
        onDoubted: (offsetBytes, length) => this.#transfer?.forget(offsetBytes, length),
        onWithdrawn: (indices, error) => this.#withdraw(indices, error),
        onRestored: (indices) => this.#restore(indices),
      },
      onWarning: (error) => this.#warn(error),
      onFailure: (thrown) => this.#fail(thrown),
    });
  }

  /** While serving: the peer gets nothing, and asks another. Whatever else reads has its own way to say so. */
  #warnOfUnread(error: HelperError): void {
    if (this.#isChecked) this.#warn(error);
  }

  /** The job stays what it is: it has said 100, and writes no more. */
  #withdraw(indices: readonly number[], error: HelperError): void {
    if (this.#isOver) return;
    this.#withdrawnBytes += this.#bytesOf(indices);
    this.#transfer?.withdraw(indices);
    if (!this.#hasToldChange) this.#warn(error);
    this.#hasToldChange = true;
    this.#lostTimer ??= setInterval(() => {
      if (this.#transfer !== undefined && this.#transfer.peers.size > 0)
        this.#storage?.lookForLost();
    }, lostLooksEveryMs).unref();
  }

  #restore(indices: readonly number[]): void {
    this.#withdrawnBytes -= this.#bytesOf(indices);
    this.#transfer?.restore(indices);
    if (this.#withdrawnBytes === 0) this.#stopLooking();
  }

  #stopLooking(): void {
    clearInterval(this.#lostTimer);
    this.#lostTimer = undefined;
  }

  #bytesOf(indices: readonly number[]): number {
    return indices.reduce((sum, index) => sum + this.#metainfo.pieceBytes(index), 0);
  }

  #startDiscovery(torrent: Torrent): void {
    const { trackers, reach, trustedTrackers, peers = [] } = this.#request;
    this.#discovery = startPeerDiscovery(this.#engine, torrent, {
      isPrivate: this.#metainfo.isPrivate,
      trackers,
      reach,
      trustedTrackers,
      peers,
      progress: () => ({
        uploadedBytes: this.#uploadedBytes,
        downloadedBytes: this.#downloadedBytes,
        // A tracker counts those who have nothing left as whole copies.
        leftBytes: this.#leftBytes + this.#withdrawnBytes,
      }),
      isComplete: () => this.#leftBytes === 0,
      onAnnounced: () => this.#emit({ type: 'swarm.announced' }),
      onWarning: (error) => this.#warn(error),
    });
    this.#emit({ type: 'swarm.joined' });
  }

  /** Never settles if the torrent is over by then. */
  async #begin(transfer: Transfer, storage: ResumableStorage): Promise<void> {
    try {
      const { bitfield, verifiedBytes } = await storage.check(this.#over.signal);
      this.#verifiedBytes = verifiedBytes;
      if (!this.#isOver) return await this.#start(transfer, bitfield);
    } catch (thrown) {
      this.#fail(thrown);
    }
    await new Promise(() => {});
  }

  async #start(transfer: Transfer, have: Uint8Array): Promise<void> {
    this.#isChecked = true;
    this.#emit({ type: 'swarm.checked', verifiedBytes: this.#verifiedBytes });
    transfer.begin(have);
    if (this.#leftBytes === 0) this.#completed();
  }

  #onPieces(indices: readonly number[]): void {
    if (this.#isOver) return;
    this.#unverified.verified();
    for (const index of indices) {
      this.#verifiedBytes += this.#metainfo.pieceBytes(index);
      this.#emit({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes });
    }
    if (this.#leftBytes === 0) this.#completed();
  }

  #completed(): void {
    this.#complete().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Everything is verified: makes it safe on disk, tells, and hangs up on those who have everything too. */
  async #complete(): Promise<void> {
    await this.#storage?.complete();
    if (this.#isOver) return;
    // Only a download that was one is told as completed (BEP 3); what was there before is merely announced.
    if (this.#downloadedBytes > 0) this.#discovery?.completed();
    else if (this.#request.role === 'download') this.#discovery?.announceAgain();
    this.#emit({ type: 'swarm.completed' });
    for (const { connection } of this.#transfer?.peers ?? []) {
      if (connection.wantsNothing) connection.close();
    }
  }

  get #hasEverything(): boolean {
    return this.#isChecked && this.#leftBytes === 0;
  }

  #ban({ host, port }: Sender): void {
    if (host === undefined) return;
    const { banList, client } = this.#engine;
    banList.ban(host, port);
    // In all torrents: it may be there in several.
    for (const { wires } of client.torrents) {
      for (const wire of [...wires]) {
        const { remoteAddress } = wire;
        if (remoteAddress === undefined) continue;
        if (banList.remainingMs(remoteAddress, listenPortOf(wire)) > 0) wire.destroy();
      }
    }
  }

  async #leave(): Promise<void> {
    this.#over.abort();
    this.#stopLooking();
    const torrent = this.#torrent;
    const gone = torrent === undefined ? undefined : destroyTorrent(torrent, destroyTimeoutMs);
    await Promise.all([this.#discovery?.stop(), this.#close(gone)]);
  }

  async #close(gone: Promise<void> | undefined): Promise<void> {
    await gone;
    this.#closeFiles().then(this.#filesClosed.resolve, this.#filesClosed.resolve);
    await withTimeout(closeFilesTimeoutMs, this.filesClosed);
  }

  async #closeFiles(): Promise<void> {
    await this.#opening;
    await this.#transfer?.close();
    await this.#storage?.close();
  }
}
