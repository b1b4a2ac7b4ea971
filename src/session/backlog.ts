// What a helper could not write job by job before it had to close, in one file: written in one go, and taken apart by
// the next one before it does anything else. Pure.
import { decodeVersioned, encodeChecked, FileFlaw, isFields } from '../files/versioned-json.js';
import { isId, jobFields, readJobFields, type SavedJob } from './job-file.js';

export interface Backlog {
  /** These replace what their files say. */
  readonly jobs: readonly SavedJob[];
  /** The ids of jobs that do not come back. */
  readonly ended: readonly number[];
}

const version = 1;

export const backlogFileName = 'backlog.json';
export const maxBacklogBytes = 256 * 1024 * 1024;

export function encodeBacklog({ jobs, ended }: Backlog): Uint8Array {
  return encodeChecked(version, { jobs: jobs.map(jobFields), ended });
}

/** Throws FileFlaw. `folder`: of the session. */
export function readBacklog(bytes: Uint8Array, folder: string): Backlog {
  const { jobs, ended } = decodeVersioned(bytes, version);
  if (!Array.isArray(jobs) || !jobs.every(isFields)) throw new FileFlaw('has no list of jobs');
  if (!Array.isArray(ended) || !ended.every(isId)) throw new FileFlaw('has no list of ended jobs');
  return { jobs: jobs.map((job) => readJobFields(job, folder)), ended };
}
