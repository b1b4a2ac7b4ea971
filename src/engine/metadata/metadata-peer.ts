// One peer that the info dictionary may be fetched from: what it has announced, and what has come while it is its turn. What
// came is kept in the pieces in which it came, so that an announcement takes no memory, and the SHA-1 decides.
import { createHash } from 'node:crypto';
import type Wire from 'bittorrent-protocol';
import { metadataLimits } from '../../limits.js';
import type { IncompleteBytes, Keeper } from '../data-path/budgets/incomplete-bytes.js';
import { type Connection, connectionOf } from '../data-path/wire/connection.js';
import {
  askForMetadata,
  listenForMetadata,
  type MetadataMessage,
  metadataPieceBytes,
  rejectMetadata,
} from './ut-metadata.js';

const requestsAtOnce = 8;

export interface MetadataPeerOptions {
  readonly infoHash: string;
  /** Unfinished metadata, of all searches. */
  readonly incomplete: Pick<IncompleteBytes, 'keeps'>;
  readonly nowMs: () => number;
  /** It has the info dictionary, or says so. Called once. */
  readonly onReady: (peer: MetadataPeer) => void;
  /** There is no room for what has come of it: it was given up. */
  readonly onGivenUp: (peer: MetadataPeer) => void;
  readonly onWhole: (peer: MetadataPeer, info: Uint8Array) => void;
  /** It sent another one than was asked for. */
  readonly onBad: (peer: MetadataPeer) => void;
}

export class MetadataPeer implements Keeper {
  readonly wire: Wire;
  readonly connection: Connection | undefined;
  /** How often it was its turn. */
  turns = 0;
  readonly #options: MetadataPeerOptions;
  #sizeBytes = 0;
  #isAsked = false;
  #askedPieces = 0;
  readonly #pieces = new Map<number, Uint8Array>();
  #keptBytes = 0;
  #beganAtMs = 0;
  #heardAtMs = 0;

  /** Must run while webtorrent sets the connection up, before any message is read. */
  constructor(wire: Wire, options: MetadataPeerOptions) {
    this.wire = wire;
    this.connection = connectionOf(wire);
    this.#options = options;
    listenForMetadata(wire, {
      onPeerReady: ({ metadata_size: size }) => this.#announced(size),
      onMessage: (message) => this.#heard(message),
    });
  }

  /** Since when it is its turn, and since when no further piece has come. */
  get beganAtMs(): number {
    return this.#beganAtMs;
  }

  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** It is its turn. */
  begin(): void {
    this.#isAsked = true;
    this.#beganAtMs = this.#options.nowMs();
    this.#heardAtMs = this.#beganAtMs;
    this.#askMore();
  }

  /** What it owes may have been lost, or refused. */
  askAgain(): void {
    this.#heardAtMs = this.#options.nowMs();
    for (let piece = 0; piece < this.#askedPieces; piece++) {
      if (!this.#pieces.has(piece)) askForMetadata(this.wire, piece);
    }
  }

  /** It is another's turn: what has come is forgotten. */
  end(): void {
    this.#isAsked = false;
    this.#askedPieces = 0;
    this.#pieces.clear();
    this.#keep(0);
  }

  letGo(): void {
    this.#options.onGivenUp(this);
  }

  #announced(size: unknown): void {
    if (this.#sizeBytes > 0 || typeof size !== 'number' || !Number.isInteger(size)) return;
    if (size <= 0 || size > metadataLimits.metadataBytes) return;
    this.#sizeBytes = size;
    this.#options.onReady(this);
  }

  #askMore(): void {
    while (
      this.#askedPieces * metadataPieceBytes < this.#sizeBytes &&
      this.#askedPieces - this.#pieces.size < requestsAtOnce
    ) {
      askForMetadata(this.wire, this.#askedPieces);
      this.#askedPieces += 1;
    }
  }

  #heard({ kind, piece, bytes }: MetadataMessage): void {
    if (kind === 'request') rejectMetadata(this.wire, piece);
    if (kind !== 'data' || piece >= this.#askedPieces || this.#pieces.has(piece)) return;
    const startBytes = piece * metadataPieceBytes;
    if (bytes.length !== Math.min(metadataPieceBytes, this.#sizeBytes - startBytes)) return;
    this.connection?.earn(bytes.length);
    this.#heardAtMs = this.#options.nowMs();
    this.#pieces.set(piece, bytes);
    this.#keep(this.#keptBytes + bytes.length);
    if (!this.#isAsked) return;
    if (this.#keptBytes < this.#sizeBytes) this.#askMore();
    else this.#check();
  }

  #check(): void {
    const pieces = [...this.#pieces.keys()].sort((a, b) => a - b).map((key) => this.#at(key));
    this.end();
    const hash = createHash('sha1');
    for (const bytes of pieces) hash.update(bytes);
    const { infoHash, onWhole, onBad } = this.#options;
    if (hash.digest('hex') === infoHash) onWhole(this, Buffer.concat(pieces));
    else onBad(this);
  }

  #at(piece: number): Uint8Array {
    return this.#pieces.get(piece) ?? Buffer.of();
  }

  #keep(lengthBytes: number): void {
    this.#keptBytes = lengthBytes;
    this.#options.incomplete.keeps(this, lengthBytes);
  }
}
