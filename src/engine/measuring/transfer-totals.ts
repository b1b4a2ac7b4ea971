// What one torrent has moved, counted in memory that its user may have given: it outlives the torrent's stay in the swarm, and
// the engine. Bytes of content alone; what peers say of it is not counted.

const cells = { down: 0, up: 1, wasted: 2 } as const;
const cellCount = 3;

export class TransferTotals {
  readonly #cells: Float64Array;

  constructor(memory: Float64Array = new Float64Array(cellCount)) {
    this.#cells = memory;
  }

  get downBytes(): number {
    return this.#cells[cells.down] ?? 0;
  }

  get upBytes(): number {
    return this.#cells[cells.up] ?? 0;
  }

  get wastedBytes(): number {
    return this.#cells[cells.wasted] ?? 0;
  }

  received(lengthBytes: number): void {
    this.#cells[cells.down] = this.downBytes + lengthBytes;
  }

  sent(lengthBytes: number): void {
    this.#cells[cells.up] = this.upBytes + lengthBytes;
  }

  /** Of what was received. */
  wasted(lengthBytes: number): void {
    this.#cells[cells.wasted] = this.wastedBytes + lengthBytes;
  }
}

/** Memory for such totals, that another thread may count in, too: for each torrent the same as long as its metainfo is kept. */
export class SharedTotals {
  readonly #byMetainfo = new WeakMap<object, Float64Array>();

  of(metainfo: object): Float64Array {
    const found = this.#byMetainfo.get(metainfo);
    if (found !== undefined) return found;
    const bytes = Float64Array.BYTES_PER_ELEMENT * cellCount;
    const totals = new Float64Array(new SharedArrayBuffer(bytes));
    this.#byMetainfo.set(metainfo, totals);
    return totals;
  }
}
