// Everything a program may import whose helper is a process of its own, or somebody else's: `bittorrent-helper/client`.
export type {
  Change,
  JobKind,
  JobState,
  ProgressChange,
  Publication,
  StateChange,
} from '../../machines/types.js';
export { type ErrorCode, errorCodes, HelperError } from '../errors.js';
export type { EventError, HelperEvent } from '../helper/events/helper-event.js';
export type { HelperStats } from '../helper/stats/helper-stats.js';
export type { JobStats } from '../helper/stats/job-stats.js';
export { type ConnectOptions, connect } from './connect.js';
export type { ClientEvent, HelperClient, ReadingOptions } from './helper-client.js';
export type {
  ClientChangesOptions,
  ClientDownloadOptions,
  ClientJob,
  ClientJobOptions,
  ClientJobResult,
  StatsChangesOptions,
} from './jobs/client-job.js';
export { type HelperProcessOptions, startHelper } from './start-helper.js';
export type { HelperFacts } from './wire/helper-facts.js';
