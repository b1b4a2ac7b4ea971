// The jobs that have no actor, as plain records: those that wait for their turn, in order, and those that their users paused.
// What becomes of them is reported as a torrent actor would report it.
import type { Change, JobOrder, JobReport, JobState, JobTag } from '../../../machines/types.js';

export class WaitingJobs {
  readonly #report: (report: JobReport) => void;
  readonly #waiting = new Map<number, JobOrder>();
  /** Their turn does not come. */
  readonly #paused = new Map<number, JobOrder>();
  /** Goes on where it was, so that what has left the map is passed over once, and not at each turn. */
  #inOrder = this.#waiting.values();

  constructor(report: (report: JobReport) => void) {
    this.#report = report;
  }

  get size(): number {
    return this.#waiting.size + this.#paused.size;
  }

  get hasNext(): boolean {
    return this.#waiting.size > 0;
  }

  /** How many would be cut short if all were over now. */
  get unfinished(): number {
    const all = [...this.#waiting.values(), ...this.#paused.values()];
    return all.filter((order) => !stayedPaused(order)).length;
  }

  ids(): readonly number[] {
    return [...this.#waiting.keys(), ...this.#paused.keys()];
  }

  get(id: number): JobOrder | undefined {
    return this.#waiting.get(id) ?? this.#paused.get(id);
  }

  isPaused(id: number): boolean {
    const order = this.get(id);
    return order !== undefined && isPausedOrder(order);
  }

  /** As the last of those that wait, or of those whose turn does not come. */
  #put(order: JobOrder): 'paused' | 'queued' {
    (isAtRest(order) ? this.#paused : this.#waiting).set(order.id, order);
    return isPausedOrder(order) ? 'paused' : 'queued';
  }

  /** A job that was just given, or came back. What is to be told of it: it is seen, though it may not begin for long. */
  receive(order: JobOrder): readonly Change[] {
    if (!isKnown(order)) {
      const job = waitingTag(order, this.#put(order));
      return [{ type: 'state', ...job, percent: undefined, repeated: false }];
    }
    const job = waitingTag(order, this.#put({ ...order, hasSpoken: true }));
    return [
      { type: 'state', ...job, percent: -1, repeated: false },
      { type: 'progress', ...job, percent: -1, repeated: false },
    ];
  }

  /** Its -1, if that is known. */
  lastLine(id: number): { readonly job: JobTag; readonly percent: number } | undefined {
    const order = this.get(id);
    if (!order?.hasSpoken) return undefined;
    return { job: waitingTag(order, this.isPaused(id) ? 'paused' : 'queued'), percent: -1 };
  }

  setPaused({ id, ...order }: JobOrder, isPaused: boolean): void {
    this.delete(id);
    const entry = { type: 'paused', id, isPausedByUser: isPaused } as const;
    this.#report({ type: 'job.recorded', entry });
    const put = { id, ...order, isPaused };
    this.#report({ type: 'job.stateChanged', ...shown(put, this.#put(put)) });
  }

  /** Its content is to be read again when it has begun. It keeps its place. */
  setVerify(order: JobOrder): void {
    const among = this.#paused.has(order.id) ? this.#paused : this.#waiting;
    among.set(order.id, { ...order, mustVerify: true });
  }

  /** It begins, and is no concern of this any more. */
  delete(id: number): void {
    this.#waiting.delete(id);
    this.#paused.delete(id);
  }

  takeNext(): JobOrder | undefined {
    let next = this.#inOrder.next();
    if (next.done) {
      this.#inOrder = this.#waiting.values();
      next = this.#inOrder.next();
    }
    if (next.done) return undefined;
    this.#waiting.delete(next.value.id);
    return next.value;
  }

  /** By its user. */
  remove(order: JobOrder): void {
    this.delete(order.id);
    this.#report({ type: 'job.removed', ...shown(order, 'removed') });
  }

  /** The helper ends. A session may bring it back. */
  stop(order: JobOrder): void {
    this.delete(order.id);
    this.#report({ type: 'job.ended', ...shown(order, 'removed'), end: 'stopped' });
  }
}

function shown(order: JobOrder, state: JobState) {
  return { job: waitingTag(order, state), percent: order.hasSpoken ? -1 : undefined };
}

export function waitingTag({ id, instruction, file }: JobOrder, state: JobState): JobTag {
  return { id, kind: instruction.kind, file: file ?? instruction.given, state };
}

/** As its user said last, in this life or in an earlier one. */
export function isPausedOrder({ isPaused, saved, instruction }: JobOrder): boolean {
  const beginsPaused = instruction.kind === 'download' && instruction.paused === true;
  return isPaused ?? saved?.isPaused ?? beginsPaused;
}

/** By its user in an earlier life, who has not said otherwise since. */
export function stayedPaused({ isPaused, saved }: JobOrder): boolean {
  return isPaused === undefined && saved?.isPaused === true;
}

/** Paused, and nothing is to be found out of it; sessions of before did not say what a known torrent is called. */
export function isAtRest(order: JobOrder): boolean {
  return isPausedOrder(order) && (isKnown(order) || order.saved?.infoHash === undefined);
}

/** Its torrent was known in an earlier life, and so is how its lines name it. */
function isKnown({ instruction, saved, file }: JobOrder): boolean {
  return saved?.infoHash !== undefined && (instruction.kind === 'seed' || file !== undefined);
}
