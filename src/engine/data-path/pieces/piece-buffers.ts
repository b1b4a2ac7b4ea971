// Memory for pieces and blocks under way, one for all torrents of an engine: a buddy allocator over a SharedArrayBuffer of fixed
// size, and those who wait for room in it. It never allocates beyond it, and knows nothing of what lies in it.

const unitBytes = 16 * 1024;
const unitBits = 14;
const mostPieceBytes = 16 * 2 ** 20;
const mostBlockBytes = 128 * 1024;
const defaultSizeBytes = 64 * 2 ** 20;
/** 12 MiB of 64: those without memory for whole pieces go on by the block. */
const reservedShare = 12 / 64;

/** What was refused, as one number: an order, and whether the reserve was out of reach. Blocks come before pieces. */
const pieceAsk = 32;
const orderMask = pieceAsk - 1;
const noAsk = 2 * pieceAsk;

/** How often `unitBytes` has to be doubled for `lengthBytes` to fit. */
function orderOf(lengthBytes: number): number {
  return lengthBytes <= unitBytes ? 0 : 32 - Math.clz32((lengthBytes - 1) >>> unitBits);
}

/**
 * Hands out parts of `memory`: powers of two from 16 KiB, each at a multiple of its own size, always the lowest free address, so
 * that few pages are ever touched. Those never touched cost nothing.
 */
export class PieceBuffers {
  readonly shared: SharedArrayBuffer;
  /** All of `shared`. */
  readonly memory: Buffer;
  /** What is longer never gets memory: 16 MiB, less only where there is not so much. */
  readonly largestPieceBytes: number;
  readonly #blockReserveBytes: number;
  readonly #topOrder: number;
  /** A binary tree, node n above 2n and 2n + 1: 1 + the order of the largest free part below a node, 0 if there is none. */
  readonly #largest: Uint8Array;
  /** By unit: 1 + the order of what was taken there, 0 where nothing begins. */
  readonly #taken: Uint8Array;
  #freeBytes: number;
  /** In the order they came, with what they were refused. */
  readonly #waiting = new Map<() => void, number>();
  /** The easiest of what was refused since somebody last began to wait. */
  #refused = noAsk;
  #isDue = false;
  #isCalling = false;

  /** `sizeBytes`: a power of two, at least 16 KiB. `blockReserveBytes`: what pieces leave to blocks. */
  constructor(sizeBytes = defaultSizeBytes, blockReserveBytes = sizeBytes * reservedShare) {
    const units = sizeBytes / unitBytes;
    this.#topOrder = orderOf(sizeBytes);
    if (units !== 2 ** this.#topOrder)
      throw new RangeError(`${sizeBytes} bytes is no power of two`);
    this.shared = new SharedArrayBuffer(sizeBytes);
    this.memory = Buffer.from(this.shared);
    this.#blockReserveBytes = blockReserveBytes;
    this.#freeBytes = sizeBytes;
    this.#taken = new Uint8Array(units);
    this.#largest = new Uint8Array(2 * units);
    for (let node = 1; node < 2 * units; node++) {
      this.#largest[node] = this.#topOrder + 1 - (31 - Math.clz32(node));
    }
    let largestBytes = Math.min(mostPieceBytes, sizeBytes);
    while (largestBytes > sizeBytes - blockReserveBytes) largestBytes /= 2;
    this.largestPieceBytes = largestBytes;
  }

  /** Where memory for a piece begins, or -1: a share of it stays reserved for blocks. */
  allocatePiece(lengthBytes: number): number {
    if (lengthBytes > this.largestPieceBytes) return -1;
    return this.#allocate(orderOf(lengthBytes) | pieceAsk);
  }

  /** Where memory for one block of at most 128 KiB begins, or -1. */
  allocateBlock(lengthBytes: number): number {
    if (lengthBytes > mostBlockBytes) return -1;
    return this.#allocate(orderOf(lengthBytes));
  }

  /** Frees what began at `startBytes`. Throws on what was not taken. */
  free(startBytes: number): void {
    const order = (this.#taken[startBytes / unitBytes] ?? 0) - 1;
    if (order < 0) throw new RangeError(`nothing was taken at ${startBytes}`);
    const unit = startBytes / unitBytes;
    this.#taken[unit] = 0;
    this.#freeBytes += unitBytes << order;
    this.#mark((1 << (this.#topOrder - order)) + (unit >> order), order, order + 1);
    if (!this.#isDue && this.#waiting.size > 0) this.#callIfAnyFits();
  }

  /** What is taken, rounded up to powers of two. */
  get usedBytes(): number {
    return this.memory.length - this.#freeBytes;
  }

  /**
   * To be called right after a refusal. `onRoom` is called once, in a microtask after a `give` that made room for what was
   * refused, and takes at once what it wants, or waits again. They are called in the order they came, each until the next has
   * no room, and nobody else is given anything meanwhile. Waiting again while waiting changes nothing in that order.
   */
  waitForRoom(onRoom: () => void): void {
    const refused = this.#refused;
    this.#refused = noAsk;
    const ask = refused === noAsk ? 0 : refused;
    this.#waiting.set(onRoom, Math.min(ask, this.#waiting.get(onRoom) ?? ask));
    // Something was given back between the refusal and now.
    if (refused !== noAsk && !this.#isDue && this.#fits(ask)) this.#callSoon();
  }

  stopWaiting(onRoom: () => void): void {
    this.#waiting.delete(onRoom);
  }

  #fits(ask: number): boolean {
    const order = ask & orderMask;
    if ((this.#largest[1] ?? 0) <= order) return false;
    const reserveBytes = ask >= pieceAsk ? this.#blockReserveBytes : 0;
    return this.#freeBytes - (unitBytes << order) >= reserveBytes;
  }

  #allocate(ask: number): number {
    // Else who gives back and takes again at once would leave nothing to those who wait.
    const isOthers = this.#isDue && !this.#isCalling && this.#waiting.size > 0;
    if (isOthers || !this.#fits(ask)) {
      this.#refused = Math.min(this.#refused, ask);
      return -1;
    }
    const largest = this.#largest;
    const order = ask & orderMask;
    let node = 1;
    for (let level = this.#topOrder; level > order; level--) {
      node *= 2;
      if ((largest[node] ?? 0) <= order) node += 1;
    }
    const unit = (node - (1 << (this.#topOrder - order))) << order;
    this.#taken[unit] = order + 1;
    this.#freeBytes -= unitBytes << order;
    this.#mark(node, order, 0);
    return unit * unitBytes;
  }

  /** Notes the largest free part of `node`, and what follows for those above. Its own children stay as they were when it was whole. */
  #mark(node: number, order: number, ownLargest: number): void {
    const largest = this.#largest;
    largest[node] = ownLargest;
    let above = node >> 1;
    // Two wholly free neighbours are one part of the next order.
    for (let whole = order + 1; above > 0; whole++) {
      const left = largest[2 * above] ?? 0;
      const right = largest[2 * above + 1] ?? 0;
      const both = left === whole && right === whole ? whole + 1 : Math.max(left, right);
      if (largest[above] === both) return;
      largest[above] = both;
      above >>= 1;
    }
  }

  #callIfAnyFits(): void {
    for (const ask of this.#waiting.values()) {
      if (!this.#fits(ask)) continue;
      this.#callSoon();
      return;
    }
  }

  #callSoon(): void {
    this.#isDue = true;
    // One that gives back in its turn what it took, and waits again, must not delay everything else for ever.
    if (this.#isCalling) setImmediate(() => this.#callWaiting());
    else queueMicrotask(() => this.#callWaiting());
  }

  #callWaiting(): void {
    this.#isDue = false;
    this.#isCalling = true;
    let left = this.#waiting.size;
    for (const [onRoom, ask] of this.#waiting) {
      if (left === 0 || this.#isDue) break;
      left -= 1;
      if (!this.#fits(ask)) continue;
      this.#waiting.delete(onRoom);
      this.#refused = noAsk;
      callApart(onRoom);
    }
    this.#isCalling = false;
  }
}

/** What it throws is a bug, and is seen as one, but the others get their turn. */
function callApart(onRoom: () => void): void {
  try {
    onRoom();
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}
