// Everything a user of the library may import.

export type { Tally } from '../machines/supervisor.js';
export type {
  Change,
  Diagnostic,
  Failure,
  InputLine,
  JobState,
  Publication,
} from '../machines/types.js';
export { type ErrorCode, errorCodes, HelperError } from './errors.js';
export { createHelper } from './helper/create-helper.js';
export type { Helper, JobOptions, Restored } from './helper/helper.js';
export type { Job } from './helper/job.js';
export type { HelperOptions, OnEof } from './options/resolve-options.js';
export { readProgressLine } from './protocol/progress-line.js';
