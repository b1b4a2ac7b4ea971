// A session: the jobs of a helper on disk, so that the next helper with its name goes on with them. In its folder lie
// session.json, one job-<id>.json a job, and torrents/<info hash>.torrent for every torrent that is known.
import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionEntry } from '../../machines/types.js';
import { coalesce } from '../async/coalesce.js';
import { withTimeout } from '../async/with-timeout.js';
import { HelperError, systemCode } from '../errors.js';
import { replaceFile } from '../files/atomic-write.js';
import { makePrivateDirectory } from '../files/make-directory.js';
import type { MetainfoIntake } from '../memory/metainfo-memory.js';
import { encodeTorrentFile } from '../metainfo/create/write-torrent-file.js';
import { Metainfo } from '../metainfo/metainfo.js';
import { MetainfoBytes } from '../metainfo/metainfo-bytes.js';
import { backlogFileName, encodeBacklog } from './backlog.js';
import { createJobBook, type StaleFile } from './job-book.js';
import { encodeJob, givenPath, jobFileName, type SavedJob } from './job-file.js';
import { type LoadedSession, loadSession, readTorrent, torrentPath } from './load-session.js';
import { encodeSession, type SavedPorts, sessionFileName } from './session-file.js';
import { lockSession, type SessionLock } from './session-lock.js';
import { createWriteBehind } from './write-behind.js';

export interface SessionOptions {
  readonly stateDir: string | undefined;
  /** A name that can be that of a folder. Without one, or without a state directory, nothing is saved. */
  readonly name: string | undefined;
  /** Hears STATE_UNWRITABLE when the session cannot be written: once, until all of it is written again. */
  readonly onError?: ((error: HelperError) => void) | undefined;
}

export interface Session {
  /** The highest id ever used; 0 if none was. */
  readonly lastId: number;
  /** The jobs that came back when the session was opened, by id. */
  readonly jobs: readonly SavedJob[];
  /** SESSION_DAMAGED, one for each file that could not be read back. */
  readonly damaged: readonly HelperError[];
  readonly ports: SavedPorts;
  /** Written in the background; never throws. */
  savePorts(ports: SavedPorts): void;
  /** Hears what became of a job. Written in the background, the newest state only; never throws. */
  record(entry: SessionEntry): void;
  /** What was saved of a torrent; undefined if that is nothing, or cannot be read. Rejects with NoRoom alone, where `intake` does. */
  readMetainfo(infoHash: string, intake?: MetainfoIntake): Promise<Metainfo | undefined>;
  /** Resolves when all that was recorded so far is on disk. Rejects with STATE_UNWRITABLE if that cannot be, now or in 10 s. */
  settled(): Promise<void>;
  /** Puts all that was recorded on disk, within 2 s, and lets another helper have the session. Never rejects. */
  close(): Promise<void>;
}

/** Node's thread pool has four threads, and they must not all wait for a slow disk. */
const writesAtOnce = 2;
/** So many that wait are written by a thread of their own. */
const manyAtOnce = 64;
const retryMs = 1000;
const closeMs = 1800;
const unlockMs = 200;
const settleMs = 10_000;
/** With more left to write at the end, there may be no time to write it job by job. */
const maxWrittenAtClose = 100;

/** Rejects with a HelperError: SESSION_BUSY if another helper has the session, STATE_UNWRITABLE if it cannot be saved. */
export async function openSession({ stateDir, name, onError }: SessionOptions): Promise<Session> {
  if (stateDir === undefined || name === undefined) return noSession;
  const asked = join(stateDir, 'sessions', name);
  let lock: SessionLock | undefined;
  try {
    await makePrivateDirectory(asked);
    const folder = await realpath(asked);
    lock = await lockSession(folder);
    if (lock === undefined) throw busy(name);
    const loaded = await loadSession(folder, `session ${name}`);
    return runSession({ name, folder, loaded, lock, onError });
  } catch (error) {
    await lock?.release();
    throw unwritable(name, asked, error);
  }
}

const noSession: Session = {
  lastId: 0,
  jobs: [],
  damaged: [],
  ports: {},
  savePorts: () => {},
  record: () => {},
  readMetainfo: async () => undefined,
  settled: async () => {},
  close: async () => {},
};

interface SessionParts extends Pick<SessionOptions, 'onError'> {
  readonly name: string;
  readonly folder: string;
  readonly loaded: LoadedSession;
  readonly lock: SessionLock;
}

function runSession({ name, folder, loaded, lock, onError }: SessionParts): Session {
  const book = createJobBook(loaded);
  let { ports } = loaded;
  let savedLastId = 0;
  let closing: Promise<void> | undefined;

  const drop = (path: string) => rm(path, { force: true });

  const saveSession = coalesce(async () => {
    const state = { lastId: book.lastId, ports };
    await replaceFile(join(folder, sessionFileName), encodeSession(state));
    savedLastId = state.lastId;
  });

  const writeJob = async (id: number) => {
    const path = join(folder, jobFileName(id));
    const job = book.job(id);
    if (job) {
      await saveGiven(job);
      return replaceFile(path, encodeJob(job));
    }
    // With the last job's file its id would be forgotten, and given again.
    if (id > savedLastId) await saveSession();
    await drop(path);
    return drop(givenPath(folder, id));
  };

  /** Before the job that names it. */
  const saveGiven = async ({ id, instruction }: SavedJob) => {
    if (instruction.kind !== 'download' || !(instruction.metainfo instanceof MetainfoBytes)) return;
    const { metainfo } = instruction;
    if (metainfo.unsaved === undefined) return;
    const path = givenPath(folder, id);
    await replaceFile(path, metainfo.unsaved);
    metainfo.savedAt(path);
  };

  const writeTorrent = async (infoHash: string) => {
    const path = torrentPath(folder, infoHash);
    const metainfo = book.torrent(infoHash);
    if (metainfo === undefined) return drop(path);
    if (metainfo === 'written') return;
    await replaceFile(path, encodeTorrentFile(metainfo, metainfo.announce));
    book.markWritten(metainfo);
  };

  const tellError = (error: unknown) => {
    try {
      onError?.(unwritable(name, folder, error));
    } catch {
      // What a listener throws is its own.
    }
  };

  /** The file of the session goes by its name. */
  const writer = createWriteBehind<StaleFile>({
    writesAtOnce,
    manyAtOnce,
    retryMs,
    write: (key) => {
      if (key === sessionFileName) return saveSession();
      return typeof key === 'number' ? writeJob(key) : writeTorrent(key);
    },
    onError: tellError,
  });

  const writeBacklog = async (): Promise<boolean> => {
    const ids = writer.unwritten().filter((key) => typeof key === 'number');
    if (ids.length <= maxWrittenAtClose) return false;
    const backlog = {
      jobs: ids.flatMap((id) => book.job(id) ?? []),
      ended: ids.filter((id) => !book.job(id)),
    };
    await replaceFile(join(folder, backlogFileName), encodeBacklog(backlog));
    return true;
  };

  const writeAll = async () => {
    let hasBacklog = false;
    const writing = (async () => {
      hasBacklog = await writeBacklog().catch(() => false);
      const isAllWritten = await writer.flush();
      if (isAllWritten && hasBacklog) await drop(join(folder, backlogFileName)).catch(() => {});
      return true;
    })();
    const isInTime = (await withTimeout(closeMs, writing)) ?? false;
    if (!isInTime && !hasBacklog) {
      tellError(new Error(`${writer.unwritten().length} notes were not written in time`));
    }
    // On a disk that does not answer the lock stays for as long: whoever comes next must not be written over.
    await withTimeout(unlockMs, Promise.all([writing, writer.stop()]).then(lock.release));
  };

  return {
    get lastId() {
      return book.lastId;
    },
    jobs: loaded.jobs,
    damaged: loaded.damaged,
    get ports() {
      return ports;
    },
    savePorts(saved) {
      if (closing) return;
      ports = saved;
      writer.mark(sessionFileName);
    },
    record(entry) {
      if (closing) return;
      for (const stale of book.record(entry)) writer.mark(stale);
    },
    async readMetainfo(infoHash, intake) {
      const known = book.torrent(infoHash);
      if (known instanceof Metainfo) return known;
      const metainfo = await readTorrent(folder, infoHash, intake);
      if (!metainfo) book.markLost(infoHash);
      return metainfo;
    },
    async settled() {
      if (await withTimeout(settleMs, writer.settled())) return;
      throw unwritable(name, folder, new Error('the last notes were not written'));
    },
    close() {
      closing ??= writeAll();
      return closing;
    },
  };
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
    `session ${name} cannot be saved in ${folder} (${what}): its jobs may not come back; make room there, look after its permissions, or choose another --state-dir`,
    { cause: thrown },
  );
}
