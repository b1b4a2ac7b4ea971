// A session: the jobs of a helper on disk, so that the next helper with its name goes on with them. In its folder lie
// session.json, one job-<id>.json a job, and torrents/<info hash>.torrent for every torrent that is known.
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JobNote } from '../../machines/vocabulary.js';
import { HelperError, systemCode } from '../errors.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { replaceFile } from '../metainfo/place-file.js';
import { readMetainfo } from '../metainfo/read-metainfo.js';
import { encodeTorrentFile } from '../metainfo/torrent-file.js';
import { readBoundedFile } from '../read-bounded-file.js';
import { encodeJob, jobFileName, type KeptJob, maxGivenLength } from './job-file.js';
import { type LoadedSession, loadSession, torrentsFolder } from './load-session.js';
import { newestOnly } from './newest-only.js';
import { encodeSession, type KeptPorts, sessionFileName } from './session-file.js';
import { lockSession, type SessionLock } from './session-lock.js';
import { createWriteBehind } from './write-behind.js';

export interface SessionOptions {
  readonly stateDir: string;
  /** A name that can be that of a folder. */
  readonly name: string;
  /** Hears STATE_UNWRITABLE when the session cannot be written: once, until all of it is written again. */
  readonly onTrouble?: ((error: HelperError) => void) | undefined;
}

export interface Session {
  /** The highest id ever used; 0 if none was. */
  readonly lastId: number;
  /** The jobs that came back when the session was opened, by id. */
  readonly jobs: readonly KeptJob[];
  /** SESSION_DAMAGED, one for each file that could not be read back. */
  readonly damaged: readonly HelperError[];
  readonly ports: KeptPorts;
  /** Resolves when they are on disk, or cannot be; never rejects. */
  keepPorts(ports: KeptPorts): Promise<void>;
  /** Takes note of what became of a job. Written in the background, the newest state only; never throws. */
  note(note: JobNote): void;
  /** What was kept of a torrent; undefined if that is nothing, or cannot be read. Never rejects. */
  readMetainfo(infoHash: string): Promise<Metainfo | undefined>;
  /** Puts all notes on disk, within 2 s, and lets another helper have the session. Never rejects. */
  close(): Promise<void>;
}

/** Node's thread pool has four threads, and they must not all wait for a slow disk. */
const writesAtOnce = 2;
const retryMs = 1000;
const closeMs = 2000;
/** With more left to write at the end, it is not synced: there is no time, and a power cut is not at hand. */
const maxSyncedAtClose = 100;
const maxTorrentBytes = 64 * 1024 * 1024;

/** Rejects with a HelperError: SESSION_BUSY if another helper has the session, STATE_UNWRITABLE if it cannot be kept. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { stateDir, name } = options;
  const asked = join(stateDir, 'sessions', name);
  let lock: SessionLock | undefined;
  try {
    await mkdir(asked, { recursive: true, mode: 0o700 });
    const folder = await realpath(asked);
    lock = await lockSession(folder);
    if (lock === undefined) throw busy(name);
    return runSession(options, folder, await loadSession(folder, `session ${name}`), lock);
  } catch (error) {
    await lock?.release();
    throw unwritable(name, asked, error);
  }
}

function runSession(
  { name, onTrouble }: SessionOptions,
  folder: string,
  loaded: LoadedSession,
  lock: SessionLock,
): Session {
  const jobs = new Map(loaded.jobs.map((job) => [job.id, job]));
  /** How many jobs name a torrent. */
  const uses = new Map<string, number>();
  for (const { infoHash } of loaded.jobs) count(uses, infoHash, 1);
  /** The torrents that are on disk, and those that are to be. */
  const torrents = new Map<string, Metainfo | 'written'>();
  for (const infoHash of loaded.infoHashes) torrents.set(infoHash, 'written');
  let { lastId, ports } = loaded;
  let savedLastId = 0;
  let isHurried = false;
  let closing: Promise<void> | undefined;

  const put = (path: string, bytes: Uint8Array) =>
    replaceFile(path, bytes, isHurried ? 'unsynced' : 'synced');
  const drop = (path: string) => rm(path, { force: true });

  const saveSession = newestOnly(async () => {
    const state = { lastId, ports };
    await put(join(folder, sessionFileName), encodeSession(state));
    savedLastId = state.lastId;
  });

  const writeJob = async (id: number) => {
    const path = join(folder, jobFileName(id));
    const job = jobs.get(id);
    if (job) return put(path, encodeJob(job));
    // With the last job's file its id would be forgotten, and given again.
    if (id > savedLastId) await saveSession();
    return drop(path);
  };

  const writeTorrent = async (infoHash: string) => {
    const path = torrentPath(folder, infoHash);
    const metainfo = torrents.get(infoHash);
    if (metainfo === undefined) return drop(path);
    if (metainfo === 'written') return;
    await put(path, encodeTorrentFile(metainfo, metainfo.announce));
    if (torrents.get(infoHash) === metainfo) torrents.set(infoHash, 'written');
  };

  const tellTrouble = (error: unknown) => {
    try {
      onTrouble?.(unwritable(name, folder, error));
    } catch {
      // What a listener throws is its own.
    }
  };

  const writer = createWriteBehind<number | string>({
    lanes: writesAtOnce,
    retryMs,
    write: (key) => (typeof key === 'number' ? writeJob(key) : writeTorrent(key)),
    onTrouble: tellTrouble,
  });

  const keepTorrent = (torrent: Metainfo) => {
    if (torrents.has(torrent.infoHash)) return;
    torrents.set(torrent.infoHash, torrent);
    writer.mark(torrent.infoHash);
  };

  const nameTorrent = (before: string | undefined, after: string | undefined) => {
    if (before === after) return;
    count(uses, after, 1);
    if (before === undefined || count(uses, before, -1) > 0) return;
    torrents.delete(before);
    writer.mark(before);
  };

  const note = (news: JobNote) => {
    if (closing) return;
    const { id } = news;
    const job = jobs.get(id);
    switch (news.type) {
      case 'began': {
        lastId = Math.max(lastId, id);
        if (job) return;
        const { instruction } = news;
        if (instruction.kind !== 'misfit' && instruction.given.length <= maxGivenLength) {
          const place = instruction.kind === 'seed' && { contentPath: resolve(instruction.given) };
          jobs.set(id, { id, instruction, isPaused: false, ...place });
        }
        break;
      }
      case 'placed': {
        if (!job) return;
        const { torrent, contentPath } = news.placed;
        const { infoHash } = torrent;
        nameTorrent(job.infoHash, infoHash);
        jobs.set(id, { ...job, infoHash, contentPath });
        if (torrent instanceof Metainfo) keepTorrent(torrent);
        break;
      }
      case 'held':
        if (!job || job.isPaused === news.isHeld) return;
        jobs.set(id, { ...job, isPaused: news.isHeld });
        break;
      case 'ended':
        jobs.delete(id);
        nameTorrent(job?.infoHash, undefined);
        break;
    }
    writer.mark(id);
  };

  const writeAll = async () => {
    isHurried = writer.waiting > maxSyncedAtClose;
    const isWritten = await within(closeMs, writer.flush());
    const stopped = writer.stop().then(lock.release);
    // A disk that does not answer: whoever comes next must not be written over, so the lock stays until it does.
    if (isWritten) return stopped;
    tellTrouble(new Error(`${writer.waiting} notes were not written in time`));
  };

  return {
    get lastId() {
      return lastId;
    },
    jobs: loaded.jobs,
    damaged: loaded.damaged,
    get ports() {
      return ports;
    },
    async keepPorts(kept) {
      ports = kept;
      await saveSession().catch(tellTrouble);
    },
    note,
    async readMetainfo(infoHash) {
      const known = torrents.get(infoHash);
      if (known instanceof Metainfo) return known;
      const metainfo = await readTorrent(torrentPath(folder, infoHash), infoHash);
      // It is written again as soon as the torrent is known again.
      if (!metainfo && torrents.get(infoHash) === 'written') torrents.delete(infoHash);
      return metainfo;
    },
    close() {
      closing ??= writeAll();
      return closing;
    },
  };
}

async function readTorrent(path: string, infoHash: string): Promise<Metainfo | undefined> {
  try {
    const bytes = await readBoundedFile(path, maxTorrentBytes);
    const metainfo = bytes && readMetainfo(bytes, path);
    return metainfo?.infoHash === infoHash ? metainfo : undefined;
  } catch {
    return undefined;
  }
}

function torrentPath(folder: string, infoHash: string): string {
  return join(torrentsFolder(folder), `${infoHash}.torrent`);
}

/** The count after `change`. */
function count(counts: Map<string, number>, key: string | undefined, change: 1 | -1): number {
  if (key === undefined) return 0;
  const after = (counts.get(key) ?? 0) + change;
  if (after > 0) counts.set(key, after);
  else counts.delete(key);
  return after;
}

/** Whether it was done in time. */
async function within(ms: number, done: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((tell) => {
    timer = setTimeout(tell, ms, false);
  });
  const inTime = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

function busy(name: string): HelperError {
  return new HelperError(
    'SESSION_BUSY',
    `session ${name} is in use by another helper; stop that one first, or choose another --session`,
  );
}

function unwritable(name: string, folder: string, thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const what = systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));
  return new HelperError(
    'STATE_UNWRITABLE',
    `session ${name} cannot be kept in ${folder} (${what}): its jobs may not come back; make room there, look after its permissions, or choose another --state-dir`,
    { cause: thrown },
  );
}
