// What one connection wants to hear of: by topic and by job, and how often of progress. Until it asks, that is everything of
// its jobs and of the helper, every second.
import { HelperError } from '../../errors.js';
import { dialectLimits } from '../../limits.js';
import type { ParamsOf, Topic } from '../schema/types.js';

export const defaultEveryMs = 1_000;

/** What is to be measured: of these jobs, or of all. */
export interface Measuring {
  readonly everyMs: number;
  readonly ids: readonly number[] | undefined;
}

interface Subscription {
  readonly topics: ReadonlySet<string>;
  readonly ids: ReadonlySet<number> | undefined;
  readonly everyMs: number;
}

const untold: Subscription = {
  topics: new Set<Topic>(['job.*', 'helper.*']),
  ids: undefined,
  everyMs: defaultEveryMs,
};

export class Subscriptions {
  readonly #byNumber = new Map<number, Subscription>();
  #count = 0;
  /** Nobody asked yet. */
  #isUntold = true;

  /** Throws REFUSED where there are too many. */
  listen({ topics = ['job.*', 'helper.*'], ids, everyMs }: ParamsOf<'events.listen'>): number {
    if (this.#byNumber.size >= dialectLimits.subscriptions) {
      const most = dialectLimits.subscriptions;
      throw new HelperError('REFUSED', `there are ${most} subscriptions already; stop one first`);
    }
    const named = ids && new Set(ids);
    const before = [...this.#byNumber.values()].reduce((sum, each) => sum + sizeOf(each.ids), 0);
    if (before + sizeOf(named) > dialectLimits.jobsSubscribed) {
      const most = dialectLimits.jobsSubscribed.toLocaleString('en');
      throw new HelperError(
        'REFUSED',
        `the subscriptions would name more than ${most} jobs; stop one first, or listen to all`,
      );
    }
    this.#isUntold = false;
    this.#count += 1;
    this.#byNumber.set(this.#count, {
      topics: new Set(topics),
      ids: named,
      everyMs: everyMs ?? defaultEveryMs,
    });
    return this.#count;
  }

  /** Whether there was such a one. 0: what is told without asking. */
  stop(number: number): boolean {
    if (number !== 0) return this.#byNumber.delete(number);
    const wasUntold = this.#isUntold;
    this.#isUntold = false;
    return wasUntold;
  }

  /** `id`: of the job that it concerns, if it concerns one. */
  wants(topic: string, id: number | undefined): boolean {
    const group = `${topic.slice(0, topic.indexOf('.'))}.*`;
    for (const { topics, ids } of this.#all()) {
      if (id !== undefined && ids !== undefined && !ids.has(id)) continue;
      if (topics.has(topic) || topics.has(group) || topics.has('*')) return true;
    }
    return false;
  }

  /** Undefined: nobody wants to hear of progress. The quickest pace that is asked for holds for all. */
  get measuring(): Measuring | undefined {
    const measured = [...this.#all()].filter(({ topics }) =>
      measuredTopics.some((topic) => topics.has(topic)),
    );
    if (measured.length === 0) return undefined;
    const everyMs = Math.min(...measured.map((each) => each.everyMs));
    if (measured.some(({ ids }) => ids === undefined)) return { everyMs, ids: undefined };
    return { everyMs, ids: [...new Set(measured.flatMap(({ ids = [] }) => [...ids]))] };
  }

  *#all(): Iterable<Subscription> {
    if (this.#isUntold) yield untold;
    yield* this.#byNumber.values();
  }
}

const sizeOf = (ids: ReadonlySet<number> | undefined): number => ids?.size ?? 0;

/** Whether both ask for the same. */
export function isSameMeasuring(one: Measuring | undefined, other: Measuring | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.everyMs !== other.everyMs || one.ids?.length !== other.ids?.length) return false;
  const wanted = new Set(other.ids);
  return one.ids === undefined || one.ids.every((id) => wanted.has(id));
}

/** Those that have numbers measured. */
const measuredTopics: readonly Topic[] = ['*', 'job.*', 'job.progress'];
