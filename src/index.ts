// Everything a user of the library may import.

export type { Tally } from '../machines/supervisor.js';
export type {
  Change,
  Diagnostic,
  Failure,
  InputLine,
  JobKind,
  JobState,
  PeerMeasure,
  PieceMap,
  ProgressChange,
  Publication,
  StateChange,
  SwarmDetail,
  TrackerMeasure,
} from '../machines/types.js';
export { type ErrorCode, errorCodes, HelperError } from './errors.js';
export { createHelper } from './helper/create-helper.js';
export type {
  EventError,
  HelperEvent,
  JobEvent,
  JobFacts,
  PauseReason,
} from './helper/events/helper-event.js';
export type { DownloadJobOptions, Helper, JobOptions, Restored } from './helper/helper.js';
export type { Job, JobChangesOptions } from './helper/jobs/job.js';
export type { DownloadSource } from './helper/jobs/job-instruction.js';
export type { JobFile, JobResult } from './helper/jobs/job-result.js';
export type { HelperStats } from './helper/stats/helper-stats.js';
export type { JobStats } from './helper/stats/job-stats.js';
export type { AllStatsOptions, JobSwarm, StatsOptions } from './helper/stats/stats-listeners.js';
export type { HelperOptions, OnEof } from './options/resolve-options.js';
export { readProgressLine } from './protocol/progress-line.js';
