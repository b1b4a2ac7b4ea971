// One joined torrent, from the join to the leave: content opened, swarm entered, existing data checked, pieces
// fetched and written, completion made safe. Tells its listener in plain events; after the leave, nothing.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';
import { type HelperError, toHelperError } from '../errors.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { addTorrent, destroyTorrent } from './add-torrent.js';
import { createChunkStore, type MeteredChunkStore } from './chunk-store.js';
import { createBitfield, hasPiece, setPiece } from './disk/bitfield.js';
import { checkContent } from './disk/check-content.js';
import { type ContentStore, openContent } from './disk/content-store.js';
import type { JoinRequest, Swarm, SwarmEvent } from './engine.js';
import type { EngineParts } from './engine-parts.js';
import { guardPieces } from './guard-pieces.js';
import { hasEverything } from './has-everything.js';
import { offerMetadata } from './metadata-exchange.js';
import { toParsedTorrent } from './parsed-torrent.js';
import { enterSwarm, type Presence } from './presence.js';
import { queueRequests } from './request-queue.js';
import { spreadPieces } from './spread-pieces.js';
import { startQuickly } from './start-quickly.js';

const destroyTimeoutMs = 1_000;
const closeContentTimeoutMs = 2_000;
const uploadSlots = 20;
/** With so much verified but unwritten, nothing more is asked for: the disk is slower than the network. */
const mostUnwrittenBytes = 64 * 2 ** 20;

export interface JoinOptions {
  /** Waited for first; must not reject. */
  readonly after: Promise<void>;
  /** The pieces of an earlier stay with this engine: the check need not read them again. */
  readonly known: Uint8Array | undefined;
  /** Called as the torrent is left, with the pieces that are there then. */
  readonly onLeave: (bitfield: Uint8Array) => void;
}

export function joinSwarm(
  engine: EngineParts,
  request: JoinRequest,
  listener: (event: SwarmEvent) => void,
  options: JoinOptions,
): Swarm {
  const swarm = new JoinedSwarm(engine, request, listener, options);
  swarm.start();
  return swarm;
}

class JoinedSwarm implements Swarm {
  readonly #engine: EngineParts;
  readonly #request: JoinRequest;
  readonly #listener: (event: SwarmEvent) => void;
  readonly #options: JoinOptions;
  readonly #metainfo: Metainfo;
  readonly #over = new AbortController();
  #opening: Promise<void> | undefined;
  #leaving: Promise<void> | undefined;

  #content: ContentStore | undefined;
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
    this.#listener({ type: 'swarm.failed', error: toHelperError(thrown) });
    void this.leave();
  }

  async #open(): Promise<void> {
    await this.#options.after;
    if (this.#isOver) return;
    const { metainfo, contentPath, role } = this.#request;
    const content = await openContent({ metainfo, contentPath, role, disk: this.#engine.disk });
    this.#content = content;
    if (this.#isOver) return;
    const store = createChunkStore(metainfo, content);
    const torrent = addTorrent(
      this.#engine.client,
      toParsedTorrent(metainfo),
      {
        preloadedStore: store,
        storeCacheSlots: 0,
        uploads: uploadSlots,
        alwaysChokeSeeders: false,
        ...(role === 'seed' ? { bitfield: everyPiece(metainfo) } : {}),
      },
      (error) => this.#fail(error),
    );
    this.#torrent = torrent;
    torrent._verifyPieces = (callback) => {
      this.#check(torrent, content)
        .then(() => {
          if (this.#isOver) return;
          callback(null);
          if (this.#leftBytes === 0) return this.#complete(content);
        })
        .catch((thrown: unknown) => this.#fail(thrown));
    };
    holdRequests(torrent, store);
    torrent.on('wire', (wire: Wire) => this.#onWire(torrent, wire));
    torrent.on('verified', (index: number) => this.#onVerified(index, content));
    torrent.once('metadata', () => this.#enter(torrent));
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

  async #check(torrent: Torrent, content: ContentStore): Promise<void> {
    const { contentPath, role } = this.#request;
    if (role === 'download') {
      const { bitfield, verifiedBytes } = await checkContent({
        metainfo: this.#metainfo,
        contentPath,
        store: content,
        signal: this.#over.signal,
        known: this.#options.known,
      });
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

  #onVerified(index: number, content: ContentStore): void {
    if (this.#isOver) return;
    this.#verifiedBytes += this.#metainfo.pieceBytes(index);
    this.#tell({ type: 'piece.verified', verifiedBytes: this.#verifiedBytes });
    if (this.#leftBytes > 0) return;
    this.#complete(content).catch((thrown: unknown) => this.#fail(thrown));
  }

  /** Everything is verified: makes it safe on disk, tells, and lets those go who have everything too. */
  async #complete(content: ContentStore): Promise<void> {
    if (this.#request.role === 'download') await content.flush();
    if (this.#isOver) return;
    // Only a download that was one is told as completed (BEP 3); what was there before is merely announced.
    if (this.#downloadedBytes > 0) this.#presence?.completed();
    else if (this.#request.role === 'download') this.#presence?.announceAgain();
    this.#tell({ type: 'swarm.completed' });
    for (const wire of this.#torrent?.wires.slice() ?? []) this.#dropSeeder(wire);
  }

  #onWire(torrent: Torrent, wire: Wire): void {
    offerMetadata(wire, this.#metainfo.info);
    guardPieces(wire, this.#metainfo.pieceCount);
    queueRequests(wire, torrent);
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
    if (torrent !== undefined && this.#isChecked && !torrent.destroyed) {
      this.#options.onLeave(torrent.bitfield.buffer.slice());
    }
    const gone = torrent === undefined ? undefined : destroyTorrent(torrent, destroyTimeoutMs);
    await Promise.all([this.#presence?.leave(), this.#close(gone)]);
  }

  async #close(gone: Promise<void> | undefined): Promise<void> {
    await gone;
    const closing = (async () => {
      await this.#opening;
      await this.#content?.close();
    })().catch(() => {});
    await settledWithin(closeContentTimeoutMs, closing);
  }
}

function holdRequests(torrent: Torrent, store: MeteredChunkStore): void {
  const request = torrent._request;
  torrent._request = (...args) =>
    store.unwrittenBytes < mostUnwrittenBytes && request.apply(torrent, args);
}

function everyPiece({ pieceCount }: Metainfo): Uint8Array {
  const bitfield = createBitfield(pieceCount);
  for (let index = 0; index < pieceCount; index++) setPiece(bitfield, index);
  return bitfield;
}

/** Resolves when `deed` does, or after `timeoutMs`. `deed` must not reject. */
async function settledWithin(timeoutMs: number, deed: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([deed, timeout]);
  clearTimeout(timer);
}
