// Makes events of what the monitor hears: the only place that knows which of its reports is which event.
import type {
  Change,
  Diagnostic,
  Failure,
  JobEnd,
  JobOrder,
  JobState,
  SessionEntry,
  TrackerStatus,
} from '../../../machines/types.js';
import type { Job } from '../jobs/job.js';
import { eventError } from './event-error.js';
import type { EventFeed } from './event-feed.js';
import type { JobFacts, PauseReason } from './helper-event.js';

export interface LifeEvents {
  /** `from`: the state it was in; undefined for what is seen for the first time. */
  onChanged(job: Job, change: Change, from: JobState | undefined): void;
  /** The job, where it is there, has heard it already. */
  onRecorded(entry: SessionEntry, job: Job | undefined): void;
  /** `isAnswered`: whoever asked for what is refused hears it anyway. */
  onDiagnosed(diagnostic: Diagnostic, job: Job | undefined, isAnswered: boolean): void;
  onTracker(tracker: TrackerStatus, job: Job): void;
  onEnd(end: JobEnd, job: Job): void;
}

/** `restore`: what the session brings back. */
export function createLifeEvents(feed: EventFeed, restore: readonly JobOrder[]): LifeEvents {
  const pausedByUser = new Set<number>();
  /** Of which `job.known` has told all. */
  const located = new Set<number>();
  for (const { id, saved } of restore) if (saved?.isPaused) pausedByUser.add(id);

  const tellKnown = (job: Job) =>
    feed.tell(() => ({ type: 'job.known', ...tagOf(job), ...factsOf(job) }));
  const reasonOf = (job: Job, to: JobState): { readonly reason?: PauseReason } =>
    to === 'paused' ? { reason: pausedByUser.has(job.id) ? 'user' : 'disk' } : {};
  const warn = (failure: Failure, id: number | undefined) =>
    feed.tell(() => ({
      type: 'helper.warning',
      error: eventError(failure, id === undefined ? undefined : { id }),
    }));

  return {
    onChanged(job, change, from) {
      const { state: to } = change;
      if (change.type === 'state') {
        if (from === to) return;
        const reason = reasonOf(job, to);
        feed.tell(() => ({ type: 'job.state', ...tagOf(job), from, to, ...reason }));
      } else if (change.percent === -1 && !change.repeated && !located.has(job.id)) {
        tellKnown(job);
      }
    },
    onRecorded(entry, job) {
      const { id } = entry;
      if (entry.type === 'paused') {
        if (entry.isPausedByUser) pausedByUser.add(id);
        else pausedByUser.delete(id);
      } else if (entry.type === 'began') {
        const { instruction } = entry;
        if (instruction.kind === 'download' && instruction.paused) pausedByUser.add(id);
      } else if (entry.type === 'located' && job && !located.has(id)) {
        located.add(id);
        tellKnown(job);
      }
    },
    onDiagnosed(diagnostic, job, isAnswered) {
      const { kind } = diagnostic;
      if (kind === 'not-understood') {
        const message = `not an instruction: ${diagnostic.line}`;
        return warn({ code: 'INSTRUCTION_INVALID', message }, undefined);
      }
      if (kind === 'refused') {
        if (!isAnswered) warn(diagnostic.failure, diagnostic.id);
        return;
      }
      if (!job) {
        if (kind === 'warning' || kind === 'failed') warn(diagnostic.failure, diagnostic.id);
        return;
      }
      const tag = tagOf(job);
      switch (kind) {
        case 'failed':
        case 'warning': {
          const type = `job.${kind}` as const;
          feed.tell(() => ({ type, ...tag, error: eventError(diagnostic.failure, job) }));
          return;
        }
        case 'published': {
          const { torrentFile, infoHash, magnetUri } = diagnostic;
          feed.tell(() => ({ type: 'job.published', ...tag, torrentFile, infoHash, magnetUri }));
          return;
        }
        case 'done':
        case 'moved': {
          const type = `job.${kind}` as const;
          feed.tell(() => ({ type, ...tag, contentPath: diagnostic.contentPath }));
          return;
        }
        case 'verified': {
          const { missingBytes } = diagnostic;
          feed.tell(() => ({ type: 'job.verified', ...tag, missingBytes }));
          return;
        }
        case 'announced':
          feed.tell(() => ({ type: 'job.announced', ...tag }));
          return;
        case 'removed':
        // Its end tells it.
      }
    },
    onTracker({ url, state, failure, seeders, leechers }, job) {
      feed.tell(() => ({
        type: 'tracker.changed',
        ...tagOf(job),
        url,
        state,
        ...(failure && { error: eventError(failure, job) }),
        ...(seeders !== undefined && { seeders }),
        ...(leechers !== undefined && { leechers }),
      }));
    },
    onEnd({ end }, job) {
      pausedByUser.delete(job.id);
      located.delete(job.id);
      feed.tell(() => ({ type: 'job.ended', ...tagOf(job), end }));
    },
  };
}

function tagOf({ id, key }: Job) {
  return { id, key };
}

function factsOf(job: Job): JobFacts {
  const { kind, name, infoHash, magnetUri, contentPath, lengthBytes } = job;
  // As its lines name it from now on.
  const file = kind === 'download' ? (name ?? job.file) : job.file;
  const { pieceLengthBytes, pieceCount, fileCount, isPrivate } = job;
  return {
    ...{ kind, file, name, infoHash, magnetUri, contentPath, lengthBytes },
    ...{ pieceLengthBytes, pieceCount, fileCount, isPrivate },
  };
}
