// Who has everything of a torrent, as we do: neither wants anything of the other, though a tracker names them to each other at
// every announce. One torrent's, awake or at rest.

/** They are met again then, if somebody still names them: others may have taken their place. */
const rememberedMs = 30 * 60_000;
/** A tracker names some fifty at a time. */
const mostRemembered = 200;

export class SatedPeers {
  readonly #nowMs: () => number;
  /** Until when, by `host:port`; the one met longest ago comes first. Thousands of torrents never meet anybody. */
  #untilMs: Map<string, number> | undefined;

  /** `nowMs`: a clock, for tests. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  has(address: string): boolean {
    const untilMs = this.#untilMs?.get(address);
    return untilMs !== undefined && this.#nowMs() < untilMs;
  }

  add(address: string): void {
    this.#untilMs ??= new Map();
    this.#untilMs.delete(address);
    this.#untilMs.set(address, this.#nowMs() + rememberedMs);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > mostRemembered && oldest !== undefined) this.#untilMs.delete(oldest);
  }
}
