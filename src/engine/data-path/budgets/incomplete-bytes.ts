// A budget for what comes in parts and is of use only as a whole: all who keep parts share it. Over it, whoever has kept
// most for longest lets go, and not who is small, or new; with a deadline, whoever has kept something for too long.

/** Deadlines are looked at so often. */
const tickMs = 1_000;

export interface Keeper {
  /** What it keeps goes. */
  letGo(): void;
}

export interface IncompleteBytesOptions {
  readonly mostBytes: number;
  /** From the first part; undefined: none. */
  readonly deadlineMs?: number;
  /** A clock, for tests. */
  readonly nowMs?: () => number;
}

interface Share {
  readonly sinceMs: number;
  lengthBytes: number;
}

export class IncompleteBytes {
  readonly #options: IncompleteBytesOptions;
  readonly #nowMs: () => number;
  /** The one that began longest ago comes first. */
  readonly #shares = new Map<Keeper, Share>();
  #lengthBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IncompleteBytesOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Of all. */
  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  /** `keeper` keeps so many now; 0: none. It may be made to let go at once. */
  keeps(keeper: Keeper, lengthBytes: number): void {
    const share = this.#shares.get(keeper);
    this.#lengthBytes += lengthBytes - (share?.lengthBytes ?? 0);
    if (lengthBytes === 0) this.#shares.delete(keeper);
    else if (share !== undefined) share.lengthBytes = lengthBytes;
    else this.#begin(keeper, lengthBytes);
    while (this.#lengthBytes > this.#options.mostBytes) this.#end(this.#greediest);
  }

  /** Public for tests. */
  tick(): void {
    const { deadlineMs = Number.POSITIVE_INFINITY } = this.#options;
    const beforeMs = this.#nowMs() - deadlineMs;
    for (const [keeper, { sinceMs }] of [...this.#shares]) {
      if (sinceMs > beforeMs) break;
      this.#end(keeper);
    }
    if (this.#shares.size === 0) this.close();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #begin(keeper: Keeper, lengthBytes: number): void {
    this.#shares.set(keeper, { lengthBytes, sinceMs: this.#nowMs() });
    if (this.#options.deadlineMs === undefined) return;
    this.#timer ??= setInterval(() => this.tick(), tickMs).unref();
  }

  get #greediest(): Keeper | undefined {
    const nowMs = this.#nowMs();
    let [greediest, most]: [Keeper | undefined, number] = [undefined, 0];
    for (const [keeper, { lengthBytes, sinceMs }] of this.#shares) {
      const greed = lengthBytes * (1 + nowMs - sinceMs);
      if (greed > most) [greediest, most] = [keeper, greed];
    }
    return greediest;
  }

  #end(keeper: Keeper | undefined): void {
    if (keeper === undefined) return;
    this.#lengthBytes -= this.#shares.get(keeper)?.lengthBytes ?? 0;
    this.#shares.delete(keeper);
    keeper.letGo();
  }
}
