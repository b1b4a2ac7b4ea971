// How many peers are served at once: as many as the line takes. Few where it is slow, so that each gets something; more as
// long as more are sent to. Only counts: it is told what goes out while somebody waits for a slot.

const leastSlots = 4;
const slotsAtFirst = 8;
const mostSlots = 500;
/** A peer that gets as much is served well. */
const goodBytesPerSecond = 32 * 2 ** 10;
/** So long it takes until one more slot shows in what goes out. */
const trialMs = 10_000;
/** After one that has shown nothing. */
const pauseMs = 60_000;
/** A trial adds one slot in five. */
const trialShare = 5;
/** Of what the slots of a trial would bring if they brought as much as the others. */
const worthwhile = 0.5;

interface Trial {
  readonly slotsBefore: number;
  readonly bytesPerSecondBefore: number;
}

export class UploadSlots {
  #count: number;
  #trial: Trial | undefined;
  /** Since the last change. */
  #bytesPerSecond = 0;
  #measurements = 0;
  #nextChangeMs: number | undefined;

  /** `upBytesPerSecond`: the limit, if there is one. */
  constructor(upBytesPerSecond?: number) {
    const served = Math.floor((upBytesPerSecond ?? Number.POSITIVE_INFINITY) / goodBytesPerSecond);
    this.#count = Math.max(leastSlots, Math.min(slotsAtFirst, served));
  }

  get count(): number {
    return this.#count;
  }

  /** So much went out of late to those who have slots, all of which are taken. */
  measure(bytesPerSecond: number, nowMs: number): void {
    const served = Math.min(mostSlots, Math.floor(bytesPerSecond / goodBytesPerSecond));
    if (served > this.#count) {
      this.#change(served, nowMs + trialMs);
      this.#trial = undefined;
      return;
    }
    this.#measurements += 1;
    this.#bytesPerSecond += (bytesPerSecond - this.#bytesPerSecond) / this.#measurements;
    this.#nextChangeMs ??= nowMs + trialMs;
    if (nowMs >= this.#nextChangeMs) this.#tryOn(nowMs);
  }

  /** They may all be slow, and the line not: then more of them bring more. */
  #tryOn(nowMs: number): void {
    const trial = this.#trial;
    if (trial !== undefined && !this.#wasWorthwhile(trial)) {
      this.#trial = undefined;
      this.#change(trial.slotsBefore, nowMs + pauseMs);
      return;
    }
    this.#trial = { slotsBefore: this.#count, bytesPerSecondBefore: this.#bytesPerSecond };
    this.#change(this.#count + Math.ceil(this.#count / trialShare), nowMs + trialMs);
  }

  #wasWorthwhile({ slotsBefore, bytesPerSecondBefore }: Trial): boolean {
    const hoped = (bytesPerSecondBefore * (this.#count - slotsBefore)) / slotsBefore;
    const gained = this.#bytesPerSecond - bytesPerSecondBefore;
    return gained > 0 && gained >= hoped * worthwhile;
  }

  #change(count: number, nextChangeMs: number): void {
    this.#count = Math.max(leastSlots, Math.min(mostSlots, count));
    this.#nextChangeMs = nextChangeMs;
    this.#bytesPerSecond = 0;
    this.#measurements = 0;
  }
}
