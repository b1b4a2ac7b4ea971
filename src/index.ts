// Everything a user of the library may import.

export type { Tally } from '../machines/supervisor.js';
export type {
  Change,
  Diagnostic,
  Failure,
  InputLine,
  JobState,
  Publication,
} from '../machines/vocabulary.js';
export { createHelper } from './create-helper.js';
export { type ErrorCode, errorCodes, HelperError } from './errors.js';
export type { Helper, JobOptions } from './helper.js';
export type { Job } from './job.js';
export { readProgressLine } from './protocol/progress-line.js';
export type { HelperOptions, OnEof } from './settings.js';
