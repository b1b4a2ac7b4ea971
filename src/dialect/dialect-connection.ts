// One client: its lines in, its answers and what it is told out. A client that asks for more than it reads is not read any
// further until it has read on; one that only watches, and falls behind, is cut off.
import type { Writable } from 'node:stream';
import type { InputLine } from '../../machines/types.js';
import { withTimeout } from '../async/with-timeout.js';
import { dialectLimits, watcherLimits } from '../limits.js';
import type { KnownTrackers } from './jobs/known-trackers.js';
import type { Call } from './methods/method-table.js';
import { isSameMeasuring, type Measuring, Subscriptions } from './methods/subscriptions.js';
import { Requests } from './requests.js';
import type { ParamsOf } from './schema/types.js';
import { eventNotification, progressReport } from './wire/event-notification.js';
import { controlDenied, faultOf } from './wire/faults.js';
import { Outbox } from './wire/outbox.js';
import { readMessage } from './wire/read-message.js';
import { faultLine, type Notification } from './wire/write-message.js';

export interface DialectConnectionOptions {
  readonly output: Writable;
  /** It may change what the helper does. */
  readonly mayControl: boolean;
  /** It is cut off when it falls behind, whatever is lost of what it was to be told. */
  readonly isWatcher: boolean;
}

/** What a connection has of its helper. */
export interface DialectConnectionParts
  extends Omit<Call, 'describe' | 'subscriptions' | 'onSubscribed' | 'signal'> {
  describe(mayControl: boolean): ReturnType<Call['describe']>;
  /** Of the event loop, once this one has taken long; undefined while there is time. */
  nextTurn(): Promise<void> | undefined;
  readonly trackers: KnownTrackers;
  /** Carries out a line of the line protocol. */
  carryOut(line: InputLine): void;
}

export class DialectConnection {
  readonly #parts: DialectConnectionParts;
  readonly #options: DialectConnectionOptions;
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  readonly #subscriptions = new Subscriptions();
  #measuring: Measuring | undefined;
  #stopReading = () => {};
  /** Nobody hears it any more. */
  #isOver = false;

  constructor(parts: DialectConnectionParts, options: DialectConnectionOptions) {
    const { output, mayControl } = options;
    this.#parts = parts;
    this.#options = options;
    this.#outbox = new Outbox(output, () => {
      this.#isOver = true;
      this.#stopMeasuring();
      this.#requests.abandon();
    });
    this.#requests = new Requests({
      mayControl,
      answer: (line) => this.#outbox.add(line),
      call: {
        ...parts,
        describe: () => parts.describe(mayControl),
        subscriptions: this.#subscriptions,
        onSubscribed: (asked) => {
          this.#measure();
          // After the answer.
          if (asked) queueMicrotask(() => this.#tellTrackers(asked));
        },
      },
    });
    this.#measure();
  }

  get mayControl(): boolean {
    return this.#options.mayControl;
  }

  /** Nothing leaves before; this leaves first. */
  open(first: string): void {
    this.#outbox.uncork(first);
  }

  /** Takes one line. Nothing more is to be read until what it gives back has resolved. */
  take(line: InputLine): Promise<void> | undefined {
    const message = readMessage(line);
    if (message.kind === 'instruction') this.#carryOut(message.line);
    else if (message.kind === 'request') this.#requests.take(message);
    else if (message.kind === 'faulty') this.#outbox.add(faultLine(message.id, message.fault));
    return this.#isFull ? this.#room() : this.#parts.nextTurn();
  }

  /** `jobId`: of the job that it concerns, if it concerns one. */
  tell(topic: string, jobId: number | undefined, notification: () => Notification): void {
    if (!this.#subscriptions.wants(topic, jobId)) return;
    this.#outbox.add(notification());
    this.#cutOffIfSlow();
  }

  /** Told whatever it asked to hear. */
  warn(notification: Notification): void {
    this.#outbox.add(notification);
  }

  /** How far the job has come is not to be said any more. */
  onJobEnded(id: number): void {
    this.#outbox.dropReport(id);
  }

  /** Resolves when every request is answered and all that was to be said has left, or nobody takes it any more. */
  async finished(): Promise<void> {
    await this.#requests.settled();
    this.#stopMeasuring();
    await this.#outbox.drained();
  }

  /** The same, as the helper ends: for who only watches it does not wait long. */
  async partedFrom(): Promise<void> {
    const finished = this.finished();
    await (this.#options.isWatcher ? withTimeout(watcherLimits.partingMs, finished) : finished);
  }

  get #isFull(): boolean {
    return this.#requests.isFull || this.#outbox.waitingCharacters > this.#mostUnread;
  }

  get #mostUnread(): number {
    const { unreadCharacters } = this.#options.isWatcher ? watcherLimits : dialectLimits;
    return unreadCharacters;
  }

  async #room(): Promise<void> {
    await this.#requests.room();
    await this.#outbox.below(this.#mostUnread);
  }

  #carryOut(line: InputLine): void {
    if (line.kind === 'text' && line.text === '') return;
    // The last line of every job again: here, its last numbers.
    if (line.kind === 'text' && line.text === 'list:') this.#reportNow();
    else if (this.mayControl) this.#parts.carryOut(line);
    else this.#outbox.add(faultLine(null, faultOf(controlDenied('an instruction'))));
  }

  #reportNow(): void {
    const timeMs = Date.now();
    for (const { stats } of this.#parts.helper.jobs) {
      this.#outbox.report(progressReport(stats, timeMs));
    }
  }

  /** How they are, to who wants to hear of them from now on. */
  #tellTrackers({ topics = [], ids }: ParamsOf<'events.listen'>): void {
    if (!topics.some((topic) => topic === '*' || topic.startsWith('tracker.'))) return;
    const wanted = ids && new Set(ids);
    for (const event of this.#parts.trackers.all()) {
      if (wanted && !wanted.has(event.id)) continue;
      this.tell(event.type, event.id, () => eventNotification(event));
    }
  }

  /** As it is wanted now. */
  #measure(): void {
    const measuring = this.#isOver ? undefined : this.#subscriptions.measuring;
    // To begin anew loses the numbers that wait for their pace.
    if (isSameMeasuring(measuring, this.#measuring)) return;
    this.#stopMeasuring();
    if (!measuring) return;
    const reading = new AbortController();
    this.#measuring = measuring;
    this.#stopReading = () => reading.abort();
    void this.#report(measuring, reading.signal);
  }

  async #report({ everyMs, ids }: Measuring, signal: AbortSignal): Promise<void> {
    for await (const measured of this.#parts.helper.statsChanges({ everyMs, ids, signal })) {
      const timeMs = Date.now();
      for (const stats of measured) {
        if (this.#subscriptions.wants('job.progress', stats.id)) {
          this.#outbox.report(progressReport(stats, timeMs));
        }
      }
      this.#cutOffIfSlow();
    }
  }

  #stopMeasuring(): void {
    this.#stopReading();
    this.#measuring = undefined;
  }

  #cutOffIfSlow(): void {
    if (!this.#options.isWatcher) return;
    const { waitingCharacters, stalledMs } = this.#outbox;
    const isSlow =
      waitingCharacters > watcherLimits.waitingCharacters || stalledMs > watcherLimits.stalledMs;
    if (!isSlow) return;
    this.#outbox.cutOff();
    setTimeout(() => this.#options.output.destroy(), watcherLimits.partingMs).unref();
  }
}
