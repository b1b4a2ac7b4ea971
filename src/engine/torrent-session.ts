// One joined torrent, from the join to the leave: content opened, swarm entered, existing data checked, pieces
// fetched and written, completion made safe. Tells its listener in plain events; after the leave, nothing.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import { createDeferred } from '../deferred.js';
import { type HelperError, toHelperError } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { settledWithin } from '../settled-within.js';
import { createChunkStore, type MeteredChunkStore } from './chunk-store.js';
import { everyPiece, hasPiece } from './disk/bitfield.js';
import { type ContentStore, openContent } from './disk/content-store.js';
import { isObstruction } from './disk/disk-errors.js';
import { lookForRoom } from './disk/free-space.js';
import { lookAtPublished } from './disk/look-at-published.js';
import type { JoinRequest, Swarm, SwarmEvent } from './engine.js';
import type { EngineParts } from './engine-parts.js';
import { guardPieces } from './guard-pieces.js';
import { hasEverything } from './has-everything.js';
import { judgePieces } from './judge-pieces.js';
import { enterSwarm, type Presence } from './peer-discovery.js';
import { offerMetadata } from './peers/ut-metadata.js';
import { relieveStalled } from './relieve-stalled.js';
import { queueRequests } from './request-queue.js';
import { type KeptContent, openKeptContent } from './resume/kept-content.js';
import { spreadPieces } from './spread-pieces.js';
import { hearEarlyWords, startQuickly } from './start-quickly.js';
import { addTorrent, destroyTorrent } from './webtorrent/add-torrent.js';
import { toParsedTorrent } from './webtorrent/parsed-torrent.js';

const destroyTimeoutMs = 1_000;
const closeContentTimeoutMs = 2_500;
const uploadSlots = 20;
/** With so much verified but unwritten, nothing more is asked for: the disk is slower than the network. */
const mostUnwrittenBytes = 64 * 2 ** 20;
/** With less room than this and a piece, a download whose disk was full does not bother its peers again. */
const leastFreeBytes = 2 ** 20;

export interface JoinOptions {
  /** Waited for first; must not reject. */
  readonly after: Promise<void>;
  /** The last stay ended because the disk was full. */
  readonly wasFull: boolean;
}

export interface HeldSwarm extends Swarm {
  /** Resolves when, after the leave, the files are let go of: a disk may take longer than `leave` waits. */
  readonly released: Promise<void>;
}

export function joinSwarm(
  engine: EngineParts,
  request: JoinRequest,
  listener: (event: SwarmEvent) => void,
  options: JoinOptions,
): HeldSwarm {
  const swarm = new JoinedSwarm(engine, request, listener, options);
  swarm.start();
  return swarm;
}

class JoinedSwarm implements HeldSwarm {
  readonly #engine: EngineParts;
  readonly #request: JoinRequest;
  readonly #listener: (event: SwarmEvent) => void;
  readonly #options: JoinOptions;
  readonly #metainfo: Metainfo;
  readonly #over = new AbortController();
  readonly #released = createDeferred<void>();
  #opening: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;

  #content: ContentStore | undefined;
  /** Of a download. */
  #kept: KeptContent | undefined;
  #store: MeteredChunkStore | undefined;
  #torrent: Torrent | undefined;
  #presence: Presence | undefined;
  #isChecked = false;
  #verifiedBytes: number;
  #uploadedBytes = 0;
  #downloadedBytes = 0;

  constructor(
    engine: EngineParts,
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
  }

  start(): void {
    this.#opening = this.#open().catch((thrown: unknown) => this.#fail(thrown));
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  get released(): Promise<void> {
    return this.#released.promise;
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get #leftBytes(): number {
    return this.#metainfo.lengthBytes - this.#verifiedBytes;
  }

  #tell(event: SwarmEvent): void {
    if (!this.#isOver) this.#listener(event);
  }

  #fail(thrown: unknown): void {
    if (this.#isOver) return;
    const error = toHelperError(thrown);
    this.#listener({ type: isObstruction(error) ? 'swarm.obstructed' : 'swarm.failed', error });
    void this.leave();
  }

  async #open(): Promise<void> {
    await this.#options.after;
    if (this.#isOver) return;
    const { metainfo, contentPath, role } = this.#request;
    if (this.#options.wasFull) {
      await lookForRoom(contentPath, metainfo.pieceBytes(0) + leastFreeBytes);
    }
    const content = openContent({
      ...{ metainfo, contentPath, role, disk: this.#engine.disk },
      onUnreadable: (error) => this.#warnOfUnread(error),
    });
    this.#content = content;
    if (role === 'download') this.#kept = await this.#keep(content);
    else await lookAtPublished(metainfo, contentPath, this.#over.signal);
    if (this.#isOver) return;
    const store = createChunkStore(metainfo, content, this.#kept);
    this.#store = store;
    const torrent = addTorrent(
      this.#engine.client,
      toParsedTorrent(metainfo),
      {
        preloadedStore: store,
        storeCacheSlots: 0,
        uploads: uploadSlots,
        alwaysChokeSeeders: false,
        ...(role === 'seed' ? { bitfield: everyPiece(metainfo.pieceCount) } : {}),
      },
      (error) => this.#fail(error),
    );
    this.#torrent = torrent;
    torrent._verifyPieces = (callback) => {
      this.#check(torrent)
        .then(() => {
          if (this.#isOver) return;
          callback(null);
          if (this.#leftBytes === 0) return this.#complete();
        })
        .catch((thrown: unknown) => this.#fail(thrown));
    };
    holdRequests(torrent, store);
    hearEarlyWords(torrent);
    torrent.on('wire', (wire: Wire) => this.#onWire(torrent, wire));
    torrent.on('verified', (index: number) => this.#onVerified(index));
    torrent.once('metadata', () => this.#enter(torrent));
  }

  #keep(store: ContentStore): Promise<KeptContent> {
    const { metainfo, contentPath } = this.#request;
    return openKeptContent({
      ...{ metainfo, contentPath, store, resume: this.#engine.resume },
      onWarning: (error) => this.#tell({ type: 'swarm.warned', error }),
      onFailure: (thrown) => this.#fail(thrown),
    });
  }

  /** While serving: the peer gets nothing, and asks another. Whatever else reads has its own way to say so. */
  #warnOfUnread(error: HelperError): void {
    if (this.#isChecked) this.#tell({ type: 'swarm.warned', error });
  }

  #enter(torrent: Torrent): void {
    if (this.#request.role === 'download') spreadPieces(torrent, this.#metainfo.pieceCount);
    const { trackers, peers = [] } = this.#request;
    this.#presence = enterSwarm(this.#engine, torrent, {
      isPrivate: this.#metainfo.isPrivate,
      ...{ trackers, peers },
      progress: () => ({
        uploadedBytes: this.#uploadedBytes,
        downloadedBytes: this.#downloadedBytes,
        leftBytes: this.#leftBytes,
      }),
      onAnnounced: (tracker) => this.#tell({ type: 'swarm.announced', tracker }),
      onWarning: (error: HelperError) => this.#tell({ type: 'swarm.warned', error }),
    });
    this.#tell({ type: 'swarm.joined' });
  }

  async #check(torrent: Torrent): Promise<void> {
    if (this.#kept) {
      const { bitfield, verifiedBytes } = await this.#kept.check(this.#over.signal);
      if (this.#isOver) return;
      for (let index = 0; index < this.#metainfo.pieceCount; index++) {
        if (!hasPiece(bitfield, index)) continue;
        torrent.pieces[index] = null;
        torrent._reservations[index] = null;
        torrent.bitfield.set(index, true);
      }
      this.#verifiedBytes = verifiedBytes;
    }
    this.#isChecked = true;
    this.#tell({ type: 'swarm.checked', verifiedBytes: this.#verifiedBytes });
  }

  #onVerified(index: number): void {
    if (this.#isOver) return;
    this.#verifiedBytes += this.#metainfo.pieceBytes(index);
    this.#tell({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes });
    if (this.#leftBytes > 0) return;
    this.#complete().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Everything is verified: makes it safe on disk, tells, and lets those go who have everything too. */
  async #complete(): Promise<void> {
    await this.#kept?.complete();
    if (this.#isOver) return;
    // Only a download that was one is told as completed (BEP 3); what was there before is merely announced.
    if (this.#downloadedBytes > 0) this.#presence?.completed();
    else if (this.#kept) this.#presence?.announceAgain();
    this.#tell({ type: 'swarm.completed' });
    for (const wire of this.#torrent?.wires.slice() ?? []) this.#dropSeeder(wire);
  }

  #onWire(torrent: Torrent, wire: Wire): void {
    const { client, bans } = this.#engine;
    offerMetadata(wire, this.#metainfo.info);
    judgePieces(wire, torrent, client, bans);
    relieveStalled(wire, torrent);
    guardPieces(wire, this.#metainfo.pieceCount);
    queueRequests(wire, torrent, this.#metainfo);
    startQuickly(wire);
    wire.on('upload', (bytes: number) => {
      this.#uploadedBytes += bytes;
    });
    wire.on('download', (bytes: number) => {
      this.#downloadedBytes += bytes;
    });
    for (const news of ['bitfield', 'have', 'have-all']) {
      wire.on(news, () => this.#dropSeeder(wire));
    }
  }

  /** Two seeders have nothing to say to each other. */
  #dropSeeder(wire: Wire): void {
    const torrent = this.#torrent;
    if (!this.#isChecked || this.#leftBytes > 0 || torrent === undefined || torrent.destroyed)
      return;
    if (hasEverything(wire.peerPieces, torrent)) wire.destroy();
  }

  async #leave(): Promise<void> {
    this.#over.abort();
    const torrent = this.#torrent;
    const gone = torrent === undefined ? undefined : destroyTorrent(torrent, destroyTimeoutMs);
    await Promise.all([this.#presence?.leave(), this.#close(gone)]);
  }

  async #close(gone: Promise<void> | undefined): Promise<void> {
    await gone;
    this.#letGo().then(this.#released.resolve, this.#released.resolve);
    await settledWithin(closeContentTimeoutMs, this.released);
  }

  async #letGo(): Promise<void> {
    await this.#opening;
    await this.#store?.idle();
    await this.#kept?.end();
    await this.#content?.close();
  }
}

function holdRequests(torrent: Torrent, store: MeteredChunkStore): void {
  const request = torrent._request;
  torrent._request = (...args) =>
    store.unwrittenBytes < mostUnwrittenBytes && request.apply(torrent, args);
}
