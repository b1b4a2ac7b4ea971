// What is true of a session's jobs now, in memory. It says which files an entry makes stale, and writes none.
import { resolve } from 'node:path';
import type { SessionEntry } from '../../machines/types.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { maxGivenLength, type SavedJob } from './job-file.js';
import type { LoadedSession } from './load-session.js';

/** The file of a job, by its id, or that of a torrent, by its info hash. */
export type StaleFile = number | string;

export interface JobBook {
  /** The highest id ever used. */
  readonly lastId: number;
  /** Undefined if the job is not to come back. */
  job(id: number): SavedJob | undefined;
  /** `written`: its file says so already; undefined: no job names it. */
  torrent(infoHash: string): Metainfo | 'written' | undefined;
  record(entry: SessionEntry): readonly StaleFile[];
  markWritten(metainfo: Metainfo): void;
  /** The file of a torrent is not there, or damaged: it is to be written when the torrent is known again. */
  markLost(infoHash: string): void;
}

export function createJobBook(loaded: LoadedSession): JobBook {
  let { lastId } = loaded;
  const jobs = new Map(loaded.jobs.map((job) => [job.id, job]));
  const torrents = new Map<string, Metainfo | 'written'>();
  for (const infoHash of loaded.infoHashes) torrents.set(infoHash, 'written');
  /** How many jobs name a torrent. */
  const uses = new Map<string, number>();
  for (const { infoHash } of loaded.jobs) count(uses, infoHash, 1);

  const rename = (before: string | undefined, after: string | undefined): StaleFile[] => {
    if (before === after) return [];
    count(uses, after, 1);
    if (before === undefined || count(uses, before, -1) > 0) return [];
    torrents.delete(before);
    return [before];
  };

  const addTorrent = (torrent: unknown): StaleFile[] => {
    if (!(torrent instanceof Metainfo) || torrents.has(torrent.infoHash)) return [];
    torrents.set(torrent.infoHash, torrent);
    return [torrent.infoHash];
  };

  return {
    get lastId() {
      return lastId;
    },
    job: (id) => jobs.get(id),
    torrent: (infoHash) => torrents.get(infoHash),
    record(entry) {
      const { id } = entry;
      const job = jobs.get(id);
      switch (entry.type) {
        case 'began': {
          lastId = Math.max(lastId, id);
          // A job that came back begins again: what is known of it stays.
          if (job) return [];
          const { instruction } = entry;
          if (instruction.kind !== 'invalid' && instruction.given.length <= maxGivenLength) {
            const isSeed = instruction.kind === 'seed';
            // The next helper may start in another directory.
            const contentPath = isSeed ? resolve(instruction.given) : undefined;
            const isPaused = instruction.kind === 'download' && instruction.paused === true;
            const { addedMs } = entry;
            jobs.set(id, { id, instruction, isPaused, addedMs, contentPath });
          }
          return [id];
        }
        case 'located': {
          if (!job) return [];
          const { torrent, contentPath, reach } = entry.located;
          const { infoHash, name } = torrent;
          const located = { ...job, infoHash, name, contentPath, reach };
          const stale = [...rename(job.infoHash, infoHash), ...addTorrent(torrent)];
          // A job that came back is found where it was: thousands of them are not written anew at each start.
          if (isAlike(job, located)) return stale;
          jobs.set(id, located);
          return [...stale, id];
        }
        case 'paused':
          if (!job || job.isPaused === entry.isPausedByUser) return [];
          jobs.set(id, { ...job, isPaused: entry.isPausedByUser });
          return [id];
        case 'done':
          if (!job || job.doneMs !== undefined) return [];
          jobs.set(id, { ...job, doneMs: entry.doneMs });
          return [id];
        case 'ended':
          jobs.delete(id);
          return [id, ...rename(job?.infoHash, undefined)];
      }
    },
    markWritten(metainfo) {
      const { infoHash } = metainfo;
      if (torrents.get(infoHash) === metainfo) torrents.set(infoHash, 'written');
    },
    markLost(infoHash) {
      if (torrents.get(infoHash) === 'written') torrents.delete(infoHash);
    },
  };
}

/** As far as a job is located. */
function isAlike(one: SavedJob, other: SavedJob): boolean {
  return (
    one.infoHash === other.infoHash &&
    one.name === other.name &&
    one.contentPath === other.contentPath &&
    one.reach?.kind === other.reach?.kind &&
    addressOf(one) === addressOf(other)
  );
}

function addressOf({ reach }: SavedJob): string | undefined {
  return reach?.kind === 'network' ? reach.address : undefined;
}

/** The count after `change`. */
function count(counts: Map<string, number>, key: string | undefined, change: 1 | -1): number {
  if (key === undefined) return 0;
  const after = (counts.get(key) ?? 0) + change;
  if (after > 0) counts.set(key, after);
  else counts.delete(key);
  return after;
}
