// How much work others may make us by what they say: a budget by address, for all its connections in all torrents; on
// this machine one a connection. Whoever has used it up waits, which TCP lets the other side feel, and in the end goes.
// Knows no messages: what they cost stands in wire/message-costs.ts.
import { workLimits } from '../../../limits.js';
import { strangerKey } from '../../../net/own-addresses.js';
import { WorkAccount, WorkPools } from './work-account.js';

const blockBytes = 16 * 2 ** 10;
/** Who waits is looked after so often. */
const tickMs = 50;

/** A connection, as far as it waits. */
export interface Worker {
  /** Reads nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** It has waited for so long that it will not mend. */
  hangUp(): void;
}

export class WorkBudget {
  readonly #nowMs: () => number;
  readonly #pools: WorkPools;
  /** The one that connected longest ago comes first. */
  readonly #accounts = new Map<string, WorkAccount>();
  /** The one that has waited longest comes first. */
  readonly #waiting = new Set<WorkMeter>();
  #timer: NodeJS.Timeout | undefined;

  /** `nowMs`: a clock, for tests. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#pools = new WorkPools(nowMs());
  }

  /** For one connection, from `address`. */
  meter(address: string | undefined, worker: Worker): WorkMeter {
    return new WorkMeter(this, this.#accountOf(address), worker);
  }

  /** So many connections wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  wait(meter: WorkMeter): void {
    this.#waiting.add(meter);
    this.#timer ??= setInterval(() => this.tick(), tickMs).unref();
  }

  forget(meter: WorkMeter): void {
    this.#waiting.delete(meter);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Public for tests. Of those who share an account one at a time goes on: what it does may use up what there is. */
  tick(): void {
    const nowMs = this.#nowMs();
    const served = new Set<WorkAccount>();
    for (const meter of [...this.#waiting]) {
      const mayGoOn = !served.has(meter.account) && meter.account.spend(0, nowMs) >= 0;
      if (mayGoOn) served.add(meter.account);
      meter.waited(nowMs, mayGoOn);
    }
  }

  close(): void {
    for (const meter of [...this.#waiting]) this.forget(meter);
  }

  #accountOf(address: string | undefined): WorkAccount {
    const nowMs = this.#nowMs();
    const key = address && strangerKey(address);
    if (key === undefined) return new WorkAccount(nowMs);
    const account = this.#accounts.get(key) ?? new WorkAccount(nowMs, this.#pools);
    this.#accounts.delete(key);
    this.#accounts.set(key, account);
    for (const oldest of this.#accounts.keys()) {
      if (this.#accounts.size <= workLimits.addresses) break;
      this.#accounts.delete(oldest);
    }
    return account;
  }
}

/** Of one connection. */
export class WorkMeter {
  readonly account: WorkAccount;
  readonly #budget: WorkBudget;
  readonly #worker: Worker;
  /** Since it was settled last. */
  #units = 0;
  #isWaiting = false;
  #waitsSinceMs = 0;
  /** How long it has waited since then, the wait at hand left out. */
  #waitedMs = 0;
  #waitedFromMs = Number.NEGATIVE_INFINITY;

  constructor(budget: WorkBudget, account: WorkAccount, worker: Worker) {
    this.#budget = budget;
    this.account = account;
    this.#worker = worker;
  }

  charge(units: number): void {
    this.#units += units;
  }

  /** So much that was asked for has come or gone: who does what is wanted may say the more. */
  earn(lengthBytes: number): void {
    this.#units -= (lengthBytes / blockBytes) * workLimits.unitsPerBlock;
  }

  /** Once a read: it goes on, or waits. */
  settle(): void {
    const nowMs = this.#budget.nowMs();
    const leftUnits = this.account.spend(this.#units, nowMs);
    this.#units = 0;
    if (leftUnits >= 0 || this.#isWaiting) return;
    this.#isWaiting = true;
    this.#waitsSinceMs = nowMs;
    this.#beginAnew(nowMs);
    this.#worker.pause();
    this.#budget.wait(this);
  }

  /** While it waits. */
  waited(nowMs: number, mayGoOn: boolean): void {
    this.#waitedMs += nowMs - this.#waitsSinceMs;
    this.#waitsSinceMs = nowMs;
    if (this.#waitedMs >= workLimits.waitingMs) {
      this.close();
      this.#worker.hangUp();
    } else if (mayGoOn) {
      this.close();
      this.#worker.resume();
    } else {
      this.#beginAnew(nowMs);
    }
  }

  /** The connection is over, or goes on. */
  close(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#budget.forget(this);
  }

  #beginAnew(nowMs: number): void {
    if (nowMs - this.#waitedFromMs < workLimits.waitingWithinMs) return;
    this.#waitedFromMs = nowMs;
    this.#waitedMs = 0;
  }
}
