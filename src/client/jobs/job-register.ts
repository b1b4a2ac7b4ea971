// The jobs of a client: by key, by the id of the helper of now, and in the order in which they came.
import type { RemoteJob } from './remote-job.js';

export class JobRegister {
  readonly #all = new Set<RemoteJob>();
  readonly #byKey = new Map<string, RemoteJob>();
  /** Where this program asks for what it has from somebody else, too, both hear of it. */
  readonly #byId = new Map<number, readonly RemoteJob[]>();

  get all(): readonly RemoteJob[] {
    return [...this.#all].filter((job) => !job.isOver);
  }

  /** Each once, by id; those last that have none yet. */
  get live(): readonly RemoteJob[] {
    const last = Number.MAX_SAFE_INTEGER;
    const isFirst = (job: RemoteJob) => job.id === undefined || this.byId(job.id)[0] === job;
    return this.all.filter(isFirst).sort((a, b) => (a.id ?? last) - (b.id ?? last));
  }

  byId(id: number): readonly RemoteJob[] {
    return this.#byId.get(id) ?? [];
  }

  byKey(key: string): RemoteJob | undefined {
    return this.#byKey.get(key);
  }

  add(job: RemoteJob): void {
    this.#all.add(job);
    if (job.key !== undefined) this.#byKey.set(job.key, job);
  }

  bind(job: RemoteJob, id: number): void {
    if (job.id !== id) this.#forgetId(job);
    job.bind(id);
    const others = this.byId(id).filter((each) => each !== job);
    this.#byId.set(id, [job, ...others]);
  }

  /** It is over. */
  remove(job: RemoteJob): void {
    this.#all.delete(job);
    if (job.key !== undefined && this.#byKey.get(job.key) === job) this.#byKey.delete(job.key);
    this.#forgetId(job);
  }

  /** The helper is gone, and with it the ids; those of others are the same if they come back. */
  unbind(): void {
    this.#byId.clear();
    for (const job of this.#all) {
      if (job.request) job.bind(undefined);
      else if (job.id !== undefined) this.#byId.set(job.id, [job]);
    }
  }

  #forgetId(job: RemoteJob): void {
    const { id } = job;
    if (id === undefined) return;
    const others = this.byId(id).filter((each) => each !== job);
    if (others.length > 0) this.#byId.set(id, others);
    else this.#byId.delete(id);
  }
}
