// How much a sender may ask: so much at once, and so much a second from then on. Who asks more is in debt, and heard again
// when it is paid. On this machine everybody may ask as much as they like.
import { senderCounters, thisMachine } from './sender-key.js';

export interface BudgetLimits {
  readonly requestsAtOnce: number;
  readonly requestsPerSecond: number;
}

const counters = 2 ** 14;

export class RequestBudget {
  readonly #limits: BudgetLimits;
  readonly #counterOf = senderCounters(counters);
  /** When all that was asked would have been asked at the pace of so much a second. */
  readonly #doneAtMs = new Float64Array(counters);

  constructor(limits: BudgetLimits) {
    this.#limits = limits;
  }

  isSpent(senderKey: string, nowMs: number): boolean {
    if (senderKey === thisMachine) return false;
    const { requestsAtOnce, requestsPerSecond } = this.#limits;
    const doneAtMs = this.#doneAtMs[this.#counterOf(senderKey)] ?? 0;
    return doneAtMs - nowMs >= (requestsAtOnce / requestsPerSecond) * 1_000;
  }

  /** For one request, though nothing may be left. */
  charge(senderKey: string, nowMs: number): void {
    if (senderKey === thisMachine) return;
    const counter = this.#counterOf(senderKey);
    const sinceMs = Math.max(this.#doneAtMs[counter] ?? 0, nowMs);
    this.#doneAtMs[counter] = sinceMs + 1_000 / this.#limits.requestsPerSecond;
  }
}
