// The live jobs of a helper, by id and by key. A key is its job's for as long as that lives.
import type { JobInstruction, JobOrder, SavedState, StateChange } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import type { WaitingBytes } from '../metainfo/metainfo-bytes.js';
import { HelperJob, type JobLinks } from './helper-job.js';
import { releaseMetainfo, waitForTurn } from './jobs/job-instruction.js';

/** What was asked for, as the session has it or as it was given just now. */
interface Begun {
  readonly instruction: JobInstruction;
  readonly addedMs: number;
  readonly saved?: SavedState | undefined;
}

export class JobRegistry {
  readonly #links: JobLinks;
  readonly #jobs = new Map<number, HelperJob>();
  readonly #keyed = new Map<string, HelperJob>();
  /** Those that nothing is seen of yet. */
  readonly #begun = new Map<number, Begun>();
  /** Metainfo that was handed over. */
  readonly #waiting: WaitingBytes = { lengthBytes: 0 };
  #newest: HelperJob | undefined;
  #lastId = 0;

  /** `restore`: what the session brings back. */
  constructor(links: JobLinks, restore: readonly JobOrder[]) {
    this.#links = links;
    for (const { id, instruction, saved } of restore) {
      this.#begun.set(id, { instruction, addedMs: saved?.addedMs ?? Date.now(), saved });
    }
  }

  /** By id, as they are numbered in the order in which they began. */
  get all(): readonly HelperJob[] {
    return [...this.#jobs.values()];
  }

  /** The highest id that a job has had; 0 if there was none. */
  get lastId(): number {
    return this.#lastId;
  }

  get(id: number): HelperJob | undefined {
    return this.#jobs.get(id);
  }

  byKey(key: string): HelperJob | undefined {
    return this.#keyed.get(key);
  }

  began(id: number, instruction: JobInstruction, addedMs = Date.now()): void {
    this.#begun.set(id, { instruction, addedMs });
  }

  /** It is seen for the first time. */
  add(change: StateChange): HelperJob {
    const job = new HelperJob(change, this.#links, this.#begun.get(change.id));
    this.#begun.delete(change.id);
    this.#jobs.set(job.id, job);
    this.#lastId = Math.max(this.#lastId, job.id);
    const { key } = job;
    if (key !== undefined && !this.#keyed.has(key)) this.#keyed.set(key, job);
    this.#newest = job;
    return job;
  }

  /** It is over. Undefined if no live job has that id. */
  end(id: number): HelperJob | undefined {
    const job = this.#jobs.get(id);
    if (!job) return undefined;
    this.#jobs.delete(id);
    if (job.key !== undefined && this.#keyed.get(job.key) === job) this.#keyed.delete(job.key);
    return job;
  }

  /** The job that `give` begins, if it begins one. */
  begunBy(give: () => void): HelperJob | undefined {
    this.#newest = undefined;
    give();
    return this.#newest;
  }

  /**
   * The job that asks for this, be it there already under its key or begun by `ask`; undefined if no more may begin. Throws
   * KEY_TAKEN, or WAITING_FOR_MEMORY.
   */
  take(instruction: JobInstruction, ask: () => void): HelperJob | undefined {
    const same = this.#sameUnder(instruction);
    if (same) return same;
    waitForTurn(instruction, this.#waiting);
    const job = this.begunBy(ask);
    if (!job) releaseMetainfo(instruction);
    return job;
  }

  /** The live job that has this key and was asked for the same. Throws KEY_TAKEN if it was asked for something else. */
  #sameUnder(instruction: JobInstruction): HelperJob | undefined {
    const { key } = instruction;
    const job = key === undefined ? undefined : this.#keyed.get(key);
    if (job === undefined || isAlike(HelperJob.instruction(job), instruction)) return job;
    throw new HelperError(
      'KEY_TAKEN',
      `${instruction.given}: the key ${JSON.stringify(key)} is that of job ${job.id} (${job.file}), which was asked for something else; choose another key, or remove that job first`,
    );
  }
}

/** Whether both ask for the same. */
function isAlike(one: JobInstruction | undefined, other: JobInstruction): boolean {
  if (one === undefined || one.kind !== other.kind || one.given !== other.given) return false;
  if (one.kind !== 'download' || other.kind !== 'download') return true;
  return one.dir === other.dir && (one.paused ?? false) === (other.paused ?? false);
}
