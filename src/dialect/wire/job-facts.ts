// A job as the dialect has it, and what was measured of it. What is not known is null, and nothing is left out.
import type { HelperError } from '../../errors.js';
import { eventError } from '../../helper/events/event-error.js';
import type { Job } from '../../helper/jobs/job.js';
import type { JobStats } from '../../helper/stats/job-stats.js';
import type { DialectFailure, DialectJob, DialectProgress } from '../schema/types.js';

export function jobFacts(job: Job): DialectJob {
  const { id, kind, state, file, percent, addedMs, error } = job;
  return {
    id,
    key: job.key ?? null,
    kind,
    state,
    file,
    name: job.name ?? null,
    infoHash: job.infoHash ?? null,
    magnetUri: job.magnetUri ?? null,
    torrentFile: job.torrentFile ?? null,
    contentPath: job.contentPath ?? null,
    lengthBytes: job.lengthBytes ?? null,
    pieceLengthBytes: job.pieceLengthBytes ?? null,
    pieceCount: job.pieceCount ?? null,
    files: job.fileCount ?? null,
    private: job.isPrivate ?? null,
    percent: percentOf(percent),
    progress: progressFacts(job.stats),
    error: error ? failureFacts(error, job) : null,
    addedMs,
    doneMs: job.doneMs ?? null,
  };
}

export function progressFacts(stats: JobStats): DialectProgress {
  return {
    percent: percentOf(stats.percent),
    bytesTotal: stats.bytesTotal ?? null,
    bytesDone: stats.bytesDone ?? 0,
    downBytesPerSecond: stats.downBytesPerSecond,
    upBytesPerSecond: stats.upBytesPerSecond,
    bytesDown: stats.bytesDown,
    bytesUp: stats.bytesUp,
    bytesWasted: stats.bytesWasted,
    peers: stats.peers,
    seeds: stats.seeds,
    etaSeconds: stats.etaSeconds ?? null,
  };
}

function failureFacts(failure: HelperError, job: Job): DialectFailure {
  const { jobId, path, ...why } = eventError(failure, job);
  return { ...why, ...(jobId !== undefined && { jobId }), ...(path !== undefined && { path }) };
}

/** The lines of a job say -1 and -2 for what is no percent. */
function percentOf(percent: number | undefined): number | null {
  return percent !== undefined && percent >= 0 ? percent : null;
}
