// What waits to leave over one connection. Answers and events leave in their order, and none is dropped; of each job one
// report of progress waits at most, behind all of them, and the newest wins. So it is, once very much waits, with what may be
// told of one job without end: its states, its warnings. What is written is numbered as it leaves.
import type { Writable } from 'node:stream';
import { dialectLimits } from '../../limits.js';
import { type Notification, notificationLine, wireJson } from './write-message.js';

/** So much is joined into one write. */
const writeCharacters = 64 * 1024;

/** Reports of progress, as they are when they leave. */
export interface ProgressReport {
  readonly id: number;
  /** `coalesced`: how many of the same job gave way to it here. */
  toNotification(coalesced: number): Notification;
}

interface WaitingReport {
  readonly report: ProgressReport;
  readonly coalesced: number;
}

export class Outbox {
  readonly #output: Writable;
  readonly #onBroken: () => void;
  /** By number, or by slot. */
  readonly #waiting = new Map<number | string, string | Notification>();
  #count = 0;
  #waitingCharacters = 0;
  readonly #reports = new Map<number, WaitingReport>();
  readonly #idle = new Set<() => void>();
  #seq = 0;
  #isCorked = true;
  #first = '';
  #isBroken = false;
  #isFlushing = false;
  /** When it was last taken from, or had nothing that waits. */
  #takenMs = performance.now();

  /** Nothing leaves before `uncork`. `onBroken`: nobody takes anything any more. */
  constructor(output: Writable, onBroken: () => void) {
    this.#output = output;
    this.#onBroken = onBroken;
    output.on('drain', () => {
      this.#takenMs = performance.now();
      this.#flush();
    });
    for (const event of ['error', 'close']) output.on(event, () => this.#break());
  }

  /** Of what may not be dropped: answers and events. */
  get waitingCharacters(): number {
    return this.#waitingCharacters;
  }

  /** For how long what waits has not been taken from. */
  get stalledMs(): number {
    return this.#output.writableNeedDrain ? performance.now() - this.#takenMs : 0;
  }

  /** A line of its own, or a notification, which gets its number as it leaves. */
  add(message: string | Notification): void {
    if (this.#isBroken) return;
    this.#count += 1;
    const key = this.#slotOf(message) ?? this.#count;
    const older = this.#waiting.get(key);
    // At the older one's place: to move it to the end of many costs a map a hundred times as much.
    this.#waiting.set(key, message);
    this.#waitingCharacters += lengthOf(message) - (older === undefined ? 0 : lengthOf(older));
    this.#flushSoon();
  }

  report(report: ProgressReport): void {
    if (this.#isBroken) return;
    const older = this.#reports.get(report.id);
    const coalesced = older === undefined ? 0 : older.coalesced + 1;
    this.#reports.set(report.id, { report, coalesced });
    this.#flushSoon();
  }

  /** Nothing more is to be said of how far it has come. */
  dropReport(id: number): void {
    this.#reports.delete(id);
  }

  /** `first` leaves before all that waits. */
  uncork(first: string): void {
    this.#first = first;
    this.#isCorked = false;
    this.#flushSoon();
  }

  /** Drops what waits, and says as the last how much that was. */
  cutOff(): void {
    if (this.#isBroken) return;
    const lost = this.#waiting.size + this.#reports.size;
    const last = { method: 'events.lost', timeMs: Date.now(), json: wireJson({ lost }) };
    this.#output.end(this.#numbered(last));
    this.#break();
  }

  /** Resolves when nothing waits any more, or nobody is left to take it. */
  async drained(): Promise<void> {
    while (!this.#isBroken && this.#hasMore()) {
      await new Promise<void>((resolve) => this.#idle.add(resolve));
    }
  }

  /** Resolves when no more than so much waits of what may not be dropped. */
  async below(characters: number): Promise<void> {
    while (!this.#isBroken && this.#waitingCharacters > characters) {
      await new Promise<void>((resolve) => this.#idle.add(resolve));
    }
  }

  #hasMore(): boolean {
    return this.#waiting.size > 0 || this.#reports.size > 0 || this.#first !== '';
  }

  /** In the same turn, so that what comes together leaves together. */
  #flushSoon(): void {
    if (this.#isFlushing || this.#isCorked) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#isCorked) return;
    while (!this.#isBroken && !this.#output.writableNeedDrain && this.#hasMore()) {
      const text = this.#take();
      this.#takenMs = performance.now();
      this.#output.write(text);
    }
    this.#wake();
  }

  /** As much as is written at once. */
  #take(): string {
    let text = this.#first;
    this.#first = '';
    for (const [key, message] of this.#waiting) {
      if (text.length >= writeCharacters) return text;
      this.#waiting.delete(key);
      this.#waitingCharacters -= lengthOf(message);
      text += typeof message === 'string' ? message : this.#numbered(message);
    }
    for (const [id, { report, coalesced }] of this.#reports) {
      if (text.length >= writeCharacters) return text;
      this.#reports.delete(id);
      text += this.#numbered(report.toNotification(coalesced));
    }
    return text;
  }

  /** What a newer one may take the place of, once so much waits that it might be without end. */
  #slotOf(message: string | Notification): string | undefined {
    if (this.#waitingCharacters <= dialectLimits.unreadCharacters) return undefined;
    return typeof message === 'string' ? undefined : message.slot;
  }

  #numbered(notification: Notification): string {
    this.#seq += 1;
    return notificationLine(notification, this.#seq);
  }

  #break(): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#waiting.clear();
    this.#waitingCharacters = 0;
    this.#reports.clear();
    this.#onBroken();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#idle) wake();
    this.#idle.clear();
  }
}

function lengthOf(message: string | Notification): number {
  return typeof message === 'string' ? message.length : message.json.length + 100;
}
