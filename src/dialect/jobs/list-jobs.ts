// A page of the list of jobs, by id. A page has so many jobs, and so many characters: a magnet link may be long.
import type { Job } from '../../helper/jobs/job.js';
import { dialectLimits } from '../../limits.js';
import type { ParamsOf } from '../schema/types.js';
import { jobFacts } from '../wire/job-facts.js';
import { wireJson } from '../wire/write-message.js';

const defaultLimit = 100;

/** The result as JSON. `jobs`: by id. */
export function jobPage(
  jobs: readonly Job[],
  { states, after = 0, limit = defaultLimit }: ParamsOf<'job.list'>,
): string {
  const wanted = states && new Set<string>(states);
  const found: string[] = [];
  let characters = 0;
  let lastId = 0;
  let next: number | null = null;
  for (let index = firstAfter(jobs, after); index < jobs.length; index += 1) {
    const job = jobs[index];
    if (job === undefined || (wanted && !wanted.has(job.state))) continue;
    if (found.length === limit || characters > dialectLimits.pageCharacters) {
      next = lastId;
      break;
    }
    const json = wireJson(jobFacts(job));
    found.push(json);
    characters += json.length;
    lastId = job.id;
  }
  return `{"jobs":[${found.join(',')}],"next":${next}}`;
}

function firstAfter(jobs: readonly Job[], id: number): number {
  let [low, high] = [0, jobs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((jobs[middle]?.id ?? 0) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}
