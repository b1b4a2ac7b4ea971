// One joined torrent, from the join to the leave: storage opened, peers found, existing data checked, pieces fetched and
// written, completion made safe. It is at rest as long as there is nobody to exchange anything with. Tells its listener in
// plain events; after the leave, nothing.
import type { SwarmDetail, SwarmEvent, SwarmMeasure } from '../../machines/types.js';
import { createDeferred, type Deferred } from '../async/deferred.js';
import { withTimeout } from '../async/with-timeout.js';
import { toFailure } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { createBitfield, everyPiece } from '../storage/layout/bitfield.js';
import type { ResumableStorage } from '../storage/storage.js';
import { AwakeTorrent } from './awake/awake-torrent.js';
import type { Awake } from './awake/rest-timer.js';
import { CompleteContent } from './complete-content.js';
import type { Sender } from './data-path/pieces/block-source.js';
import type { TransferOptions } from './data-path/transfer.js';
import { listenPortOf } from './data-path/wire/peer-identity.js';
import { SatedPeers } from './dialling/known-peers/sated-peers.js';
import type { JoinRequest, Swarm } from './engine.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { DetailMeter, type DetailSource } from './measuring/detail/detail-meter.js';
import { StayTransfer } from './measuring/stay-transfer.js';
import type { MeasuredTorrent, Reading } from './measuring/watched-torrents.js';
import { PeerDiscovery } from './peer-discovery.js';
import { runForTorrent } from './torrent-context.js';
import { ToldTrackers } from './trackers/told-trackers.js';
import { UnverifiedProgress } from './unverified-progress.js';

const closeFilesTimeoutMs = 2_500;
/** With less room than this and a piece, a download whose disk was full does not bother its peers again. */
const leastFreeBytes = 2 ** 20;

export interface JoinOptions {
  /** Waited for first; must not reject. */
  readonly after: Promise<void>;
  /** The last stay ended because the disk was full. */
  readonly wasFull: boolean;
}

export class TorrentSession implements Swarm, Awake, MeasuredTorrent {
  readonly #engine: EngineDependencies;
  readonly #request: JoinRequest;
  readonly #listener: (event: SwarmEvent) => void;
  readonly #options: JoinOptions;
  readonly #metainfo: Metainfo;
  #isOver = false;
  /** While the storage is opened and checked. */
  #aborted: AbortController | undefined;
  #opening: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;
  #filesClosed: Deferred<void> | undefined;

  #storage: ResumableStorage | undefined;
  #discovery: PeerDiscovery | undefined;
  #awake: AwakeTorrent | undefined;
  readonly #sated = new SatedPeers();
  /** What lay there when it was checked; from the first waking on it is the awake torrent that knows. */
  #found: Uint8Array | undefined;
  #isChecked = false;
  readonly #completeContent: CompleteContent;
  readonly #trackers = new ToldTrackers((tracker) =>
    this.#emit({ type: 'swarm.trackerChanged', tracker }),
  );
  #hasToldBug = false;
  #verifiedBytes: number;
  readonly #unverified: UnverifiedProgress;
  readonly #moved: StayTransfer;

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
    this.#moved = new StayTransfer(request.totals);
    this.#completeContent = new CompleteContent({
      metainfo: request.metainfo,
      storage: () => this.#storage,
      transfer: () => this.#awake?.transfer,
      wake: () => this.#wake().transfer,
      hasPeers: () => this.#awake?.connections.hasPeers ?? false,
      onWarning: (error) => this.#warn(error),
      onVerified: (failure) => this.#emit({ type: 'swarm.verified', failure }),
    });
    this.#verifiedBytes = request.role === 'seed' ? request.metainfo.lengthBytes : 0;
    this.#unverified = new UnverifiedProgress(request.metainfo.pieceLengthBytes, () =>
      this.#emit({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes }),
    );
  }

  start(): void {
    this.#opening = this.#open().catch((thrown: unknown) => this.#fail(thrown));
  }

  verify(): void {
    this.#completeContent.verify();
  }

  /** One that is not there yet announces as soon as it is, and is asked then. */
  announce(): void {
    this.#discovery?.announceNow();
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** Resolves when, after the leave, the files are closed: a disk may take longer than `leave` waits. */
  get filesClosed(): Promise<void> {
    this.#filesClosed ??= createDeferred();
    return this.#filesClosed.promise;
  }

  get isIdle(): boolean {
    const { isSafe, withheldBytes } = this.#completeContent;
    return isSafe && withheldBytes === 0 && (this.#awake?.connections.isIdle ?? true);
  }

  /** Nobody is connected. All of it is there, so nothing is lost; whoever comes wakes it. */
  rest(): void {
    const awake = this.#awake;
    this.#awake = undefined;
    void awake?.disconnect();
    void awake?.transfer.close();
  }

  get infoHash(): string {
    return this.#metainfo.infoHash;
  }

  read(): Reading {
    const { lengthBytes } = this.#metainfo;
    const { downBytes, upBytes, wastedBytes } = this.#moved.totals;
    const connected = this.#awake?.transfer.peers;
    let seeds = 0;
    for (const peer of connected ?? []) if (peer.isSeeder) seeds += 1;
    return {
      bytesTotal: lengthBytes,
      bytesDone: this.#isChecked
        ? this.#verifiedBytes - this.#completeContent.withheldBytes
        : undefined,
      bytesDown: downBytes,
      bytesUp: upBytes,
      bytesWasted: wastedBytes,
      peers: connected?.size ?? 0,
      seeds,
    };
  }

  tell(measure: SwarmMeasure): void {
    this.#emit({ type: 'swarm.measured', measure });
  }

  openDetail(): (nowMs: number) => SwarmDetail {
    const meter = new DetailMeter(() => this.#look());
    return (nowMs) => meter.read(nowMs);
  }

  #look(): DetailSource {
    const { pieceCount } = this.#metainfo;
    const transfer = this.#awake?.transfer;
    const atRest = this.#hasEverything ? everyPiece(pieceCount) : this.#found;
    return {
      pieceCount,
      have: transfer?.have ?? atRest ?? createBitfield(pieceCount),
      underWay: transfer?.underWay ?? [],
      peers: transfer?.peers ?? new Set(),
      trackers: this.#discovery?.trackerMeasures ?? [],
    };
  }

  watched(isWatched: boolean): void {
    this.#trackers.watched(isWatched, this.#discovery?.trackers ?? []);
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
    const aborted = new AbortController();
    this.#aborted = aborted;
    const storage = await this.#openStorage(aborted.signal);
    this.#storage = storage;
    if (this.#isOver) return;
    this.#startDiscovery();
    const { bitfield, verifiedBytes } = await storage.check(aborted.signal);
    if (this.#isOver) return;
    this.#aborted = undefined;
    this.#verifiedBytes = verifiedBytes;
    this.#isChecked = true;
    this.#emit({ type: 'swarm.checked', verifiedBytes, wasRead: this.#request.verify });
    if (this.#awake === undefined) this.#found = bitfield;
    else this.#awake.begin(bitfield);
    if (this.#leftBytes === 0) this.#becomeComplete();
  }

  /** Somebody is there, or is to be dialled. */
  #wake(): AwakeTorrent {
    this.#awake ??= runForTorrent(this.#metainfo.infoHash, () => this.#createAwake());
    return this.#awake;
  }

  #createAwake(): AwakeTorrent {
    const { metainfo } = this.#request;
    const { restTimer, dht } = this.#engine;
    if (this.#storage === undefined) throw new Error('bug: there is no storage to serve from');
    const awake = new AwakeTorrent(this.#engine, {
      metainfo,
      transfer: this.#transferOptions(this.#storage),
      dht: metainfo.isPrivate ? undefined : dht,
      sated: this.#sated,
      isComplete: () => this.#leftBytes === 0,
      onError: (error) => this.#fail(error),
    });
    restTimer.woke(this);
    const have = this.#completeContent.isSafe ? everyPiece(metainfo.pieceCount) : this.#found;
    this.#found = undefined;
    if (have !== undefined) awake.begin(have);
    return awake;
  }

  #transferOptions({ content, journal }: ResumableStorage): TransferOptions {
    const { metainfo, downBytesPerSecond, upBytesPerSecond } = this.#request;
    return {
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
        this.#moved.received(lengthBytes);
        this.#unverified.received(lengthBytes);
      },
      onSent: (lengthBytes) => this.#moved.sent(lengthBytes),
      onUnasked: (lengthBytes) => this.#moved.unasked(lengthBytes),
      onDiscarded: (lengthBytes) => this.#moved.discarded(lengthBytes),
      onBanned: (sender) => this.#ban(sender),
      onHungUp: (sender) => this.#awake?.connections.meetAgain(sender),
      onAskedAgain: (index) => this.#storage?.lookAgain(index),
      onBug: (thrown) => this.#warnOfBug(thrown),
      onFailed: (thrown) => this.#fail(thrown),
    };
  }

  /** Once: where there is one there are thousands. */
  #warnOfBug(thrown: unknown): void {
    if (this.#hasToldBug) return;
    this.#hasToldBug = true;
    this.#warn(thrown);
  }

  #openStorage(signal: AbortSignal): Promise<ResumableStorage> {
    const { metainfo, contentPath, role, stamps, verify } = this.#request;
    return this.#engine.storage.open({
      metainfo,
      contentPath,
      role,
      stamps,
      verify,
      signal,
      leastFreeBytes: this.#options.wasFull ? metainfo.pieceBytes(0) + leastFreeBytes : undefined,
      // While serving: whatever else reads has its own way to say so.
      onUnreadable: (error) => {
        if (this.#isChecked) this.#completeContent.unreadable(error);
      },
      changes: {
        onDoubted: (offsetBytes, length) => this.#awake?.transfer.forget(offsetBytes, length),
        onWithdrawn: (indices, error) => {
          if (!this.#isOver) this.#completeContent.withdraw(indices, error);
        },
        onRestored: (indices) => this.#completeContent.restore(indices),
      },
      onWarning: (error) => this.#warn(error),
      onFailure: (thrown) => this.#fail(thrown),
    });
  }

  #startDiscovery(): void {
    const { trackers, reach, trustedTrackers, peers = [] } = this.#request;
    this.#discovery = new PeerDiscovery(this.#engine, {
      infoHash: this.#metainfo.infoHash,
      isPrivate: this.#metainfo.isPrivate,
      trackers,
      reach,
      trustedTrackers,
      peers,
      progress: () => ({
        uploadedBytes: this.#moved.uploadedBytes,
        downloadedBytes: this.#moved.downloadedBytes,
        // A tracker counts those who have nothing left as whole copies.
        leftBytes: this.#leftBytes + this.#completeContent.withheldBytes,
      }),
      isComplete: () => this.#leftBytes === 0,
      sated: this.#sated,
      connections: () => this.#awake?.connections,
      wake: () => this.#wake().connections,
      onAnnounced: () => this.#emit({ type: 'swarm.announced' }),
      onTrackerStatus: (status) => this.#trackers.tell(status),
      onAnnounceFailed: (failure) => this.#emit({ type: 'swarm.announceFailed', failure }),
      onWarning: (error) => this.#warn(error),
    });
    this.#emit({ type: 'swarm.joined' });
    this.#trackers.tellAll(this.#discovery.trackers);
  }

  #onPieces(indices: readonly number[]): void {
    if (this.#isOver) return;
    this.#unverified.verified();
    for (const index of indices) {
      this.#verifiedBytes += this.#metainfo.pieceBytes(index);
      this.#emit({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes });
    }
    if (this.#leftBytes === 0) this.#becomeComplete();
  }

  #becomeComplete(): void {
    this.#makeSafe().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Everything is verified: makes it safe on disk, tells, and hangs up on those who have everything too. */
  async #makeSafe(): Promise<void> {
    await this.#storage?.complete();
    if (this.#isOver) return;
    this.#completeContent.completed();
    // Only a download that was one is told as completed (BEP 3); what was there before is merely announced.
    if (this.#moved.downloadedBytes > 0) this.#discovery?.completed();
    else if (this.#request.role === 'download') this.#discovery?.announceAgain();
    this.#emit({ type: 'swarm.completed' });
    this.#completeContent.verifyIfAsked();
    for (const { connection } of this.#awake?.transfer.peers ?? []) {
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
    this.#isOver = true;
    this.#aborted?.abort();
    this.#completeContent.stopLooking();
    this.#engine.restTimer.left(this);
    await Promise.all([this.#discovery?.stop(), this.#close(this.#awake?.disconnect())]);
  }

  async #close(gone: Promise<void> | undefined): Promise<void> {
    await gone;
    const closed = this.filesClosed;
    this.#closeFiles().then(this.#filesClosed?.resolve, this.#filesClosed?.resolve);
    await withTimeout(closeFilesTimeoutMs, closed);
  }

  async #closeFiles(): Promise<void> {
    await this.#opening;
    await this.#awake?.transfer.close();
    await this.#storage?.close();
  }
}
