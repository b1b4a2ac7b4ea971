// A rate, from a total that is looked at every now and then: the mean of the last seconds, or since the look before where that
// was longer ago. Exactly 0 where nothing moved in them. Reads no clock.

const windowMs = 5_000;
/** Looks in between are not remembered. */
const sampleEveryMs = 500;

interface Sample {
  readonly atMs: number;
  readonly totalBytes: number;
}

export class RateWindow {
  /** In their order; the first is where the mean begins. */
  readonly #samples: Sample[];

  /** From now on. */
  constructor(nowMs: number, totalBytes: number) {
    this.#samples = [{ atMs: nowMs, totalBytes }];
  }

  /** Bytes a second, whole. */
  look(nowMs: number, totalBytes: number): number {
    const samples = this.#samples;
    while (samples.length > 1 && nowMs - (samples[0]?.atMs ?? nowMs) > windowMs) samples.shift();
    const first = samples[0] ?? { atMs: nowMs, totalBytes };
    const sample = { atMs: nowMs, totalBytes };
    if (first.totalBytes === totalBytes) {
      samples.splice(0, samples.length, sample);
      return 0;
    }
    if (nowMs - (samples.at(-1)?.atMs ?? nowMs) >= sampleEveryMs) samples.push(sample);
    const spanMs = nowMs - first.atMs;
    return spanMs > 0 ? Math.round(((totalBytes - first.totalBytes) * 1000) / spanMs) : 0;
  }
}
