// Events of the library as they are told over a connection: the same names, null for what is not known.
import type { HelperEvent } from '../../helper/events/helper-event.js';
import type { JobStats } from '../../helper/stats/job-stats.js';
import { progressFacts } from './job-facts.js';
import type { ProgressReport } from './outbox.js';
import { type Notification, wireJson } from './write-message.js';

export function eventNotification(event: HelperEvent): Notification {
  const { type, timeMs } = event;
  return { method: type, timeMs, json: wireJson(paramsOf(event)), slot: slotOf(event) };
}

function slotOf(event: HelperEvent): string | undefined {
  switch (event.type) {
    case 'job.state':
      return `state ${event.id}`;
    case 'job.warning':
      return `warning ${event.id} ${event.error.code}`;
    case 'helper.warning':
      return `warning ${event.error.jobId ?? ''} ${event.error.code}`;
    case 'tracker.changed':
      return `tracker ${event.id} ${event.url}`;
    default:
      return undefined;
  }
}

function paramsOf(event: HelperEvent): object {
  const { type: _type, timeMs: _timeMs, ...params } = event;
  if (!('id' in event)) return params;
  const ofJob = { ...params, key: event.key ?? null };
  if (event.type === 'job.state') return { ...ofJob, from: event.from ?? null };
  if (event.type !== 'job.known') return ofJob;
  const { fileCount, isPrivate, ...known } = event;
  return {
    id: known.id,
    key: known.key ?? null,
    kind: known.kind,
    file: known.file,
    name: known.name ?? null,
    infoHash: known.infoHash ?? null,
    magnetUri: known.magnetUri ?? null,
    contentPath: known.contentPath ?? null,
    lengthBytes: known.lengthBytes ?? null,
    pieceLengthBytes: known.pieceLengthBytes ?? null,
    pieceCount: known.pieceCount ?? null,
    files: fileCount ?? null,
    private: isPrivate ?? null,
  };
}

export function progressReport(stats: JobStats, timeMs: number): ProgressReport {
  const { id, key = null } = stats;
  return {
    id,
    toNotification: (coalesced) => ({
      method: 'job.progress',
      timeMs,
      json: wireJson({ id, key, ...progressFacts(stats), coalesced: stats.coalesced + coalesced }),
    }),
  };
}
