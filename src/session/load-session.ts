// Reads a session's folder back: every job that can be read comes back, each other one costs itself alone and is set
// aside. To be called with the lock taken only, for it removes what a killed writer left behind.
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { forEachConcurrent } from '../async/for-each-concurrent.js';
import { HelperError, systemCode } from '../errors.js';
import { isTemporary, replaceFile } from '../files/atomic-write.js';
import { makePrivateDirectory } from '../files/make-directory.js';
import { readBoundedFile } from '../files/read-bounded-file.js';
import { FileFlaw } from '../files/versioned-json.js';
import { type MetainfoIntake, NoRoom } from '../memory/metainfo-memory.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { parseAs } from '../metainfo/parse/parse-as.js';
import { backlogFileName, maxBacklogBytes, readBacklog } from './backlog.js';
import {
  encodeJob,
  idInName,
  idOfGiven,
  jobFileName,
  maxJobFileBytes,
  readJob,
  type SavedJob,
} from './job-file.js';
import {
  encodeSession,
  maxSessionFileBytes,
  readSession,
  type SessionState,
  sessionFileName,
} from './session-file.js';

export interface LoadedSession extends SessionState {
  /** By id. */
  readonly jobs: readonly SavedJob[];
  /** SESSION_DAMAGED, one a file that could not be read. */
  readonly damaged: readonly HelperError[];
  /** The info hashes of the torrents that lie there. */
  readonly infoHashes: ReadonlySet<string>;
}

/** So many that wait are read by a thread of their own. */
const readAtOnce = 64;
const writtenAtOnce = 64;
const maxTorrentBytes = 64 * 1024 * 1024;
const torrentName = /^([0-9a-f]{40})\.torrent$/;

const unbounded: MetainfoIntake = {
  admit: () => {},
  parse: async (bytes, as) => parseAs(bytes, as),
};

export function torrentPath(folder: string, infoHash: string): string {
  return join(torrentsFolder(folder), `${infoHash}.torrent`);
}

/** Undefined if it is not there, or cannot be read. Rejects with NoRoom alone, where `intake` does. */
export async function readTorrent(
  folder: string,
  infoHash: string,
  { admit, parse }: MetainfoIntake = unbounded,
): Promise<Metainfo | undefined> {
  const path = torrentPath(folder, infoHash);
  try {
    const bytes = await readBoundedFile(path, maxTorrentBytes, { onBytes: admit });
    const metainfo = bytes && (await parse(bytes, { kind: 'torrent', origin: path }));
    return metainfo?.infoHash === infoHash ? metainfo : undefined;
  } catch (thrown) {
    if (thrown instanceof NoRoom) throw thrown;
    return undefined;
  }
}

function torrentsFolder(folder: string): string {
  return join(folder, 'torrents');
}

/** `called`: how messages name the session. Rejects with system errors if the folder cannot be used. */
export async function loadSession(folder: string, called: string): Promise<LoadedSession> {
  await makePrivateDirectory(torrentsFolder(folder));
  const damaged: HelperError[] = [];
  const tell = (path: string, what: string, costs: string) => {
    const message = `${path} ${what}, and ${costs}; the other jobs of ${called} came back`;
    damaged.push(new HelperError('SESSION_DAMAGED', message));
  };
  const lastEnded = await clearBacklog(folder, (path, what) =>
    tell(path, what, 'the last news of some jobs are lost with it'),
  );
  const names = await listWithoutTemporary(folder);
  const numbered = names.flatMap((name) => idInName(name) ?? []);

  const jobs: SavedJob[] = [];
  const ids = numbered.filter(({ isDamaged }) => !isDamaged).map(({ id }) => id);
  await forEachConcurrent(readAtOnce, ids, async (id) => {
    const job = await readOrSetAside(
      join(folder, jobFileName(id)),
      maxJobFileBytes,
      (bytes) => readJob(bytes, id, folder),
      (path, what) => tell(path, what, `job ${id} is lost with it: give its instruction again`),
    );
    if (job) jobs.push(job);
  });
  jobs.sort((a, b) => a.id - b.id);
  await dropLeftGiven(folder, names, jobs);

  const state = await readOrSetAside(
    join(folder, sessionFileName),
    maxSessionFileBytes,
    readSession,
    (path, what) => tell(path, what, 'the ports and the last id are lost with it'),
  );
  const lastId = numbered.reduce(
    (highest, { id }) => Math.max(highest, id),
    Math.max(state?.lastId ?? 0, lastEnded),
  );
  const ports = state?.ports ?? {};
  if (lastEnded > (state?.lastId ?? 0)) {
    await replaceFile(join(folder, sessionFileName), encodeSession({ lastId, ports }));
  }
  // Not before all that it says stands elsewhere.
  await rm(join(folder, backlogFileName), { force: true });
  const infoHashes = await loadTorrents(torrentsFolder(folder), jobs);
  return { lastId, ports, jobs, damaged, infoHashes };
}

/** Writes the backlog into the files of its jobs, which are older. Resolves with the highest id of those that ended. */
async function clearBacklog(
  folder: string,
  tell: (path: string, what: string) => void,
): Promise<number> {
  const path = join(folder, backlogFileName);
  const read = (bytes: Uint8Array) => readBacklog(bytes, folder);
  const backlog = await readOrSetAside(path, maxBacklogBytes, read, tell);
  if (!backlog) return 0;
  await forEachConcurrent(writtenAtOnce, backlog.jobs, (job) =>
    replaceFile(join(folder, jobFileName(job.id)), encodeJob(job), 'unsynced'),
  );
  await forEachConcurrent(writtenAtOnce, backlog.ended, (id) =>
    rm(join(folder, jobFileName(id)), { force: true }),
  );
  return backlog.ended.reduce((highest, id) => Math.max(highest, id), 0);
}

async function readOrSetAside<T>(
  path: string,
  maxBytes: number,
  read: (bytes: Uint8Array) => T,
  tell: (path: string, what: string) => void,
): Promise<T | undefined> {
  try {
    const bytes = await readBoundedFile(path, maxBytes);
    return bytes && read(bytes);
  } catch (error) {
    const code = systemCode(error);
    const isContent = error instanceof FileFlaw || code === 'EFBIG';
    if (!isContent && code === undefined) throw error;
    // What the disk refuses now may be readable next time, so it stays where it is.
    const aside = isContent ? await setAside(path) : path;
    tell(aside, whatIsWrong(error, code));
    return undefined;
  }
}

function whatIsWrong(error: unknown, code: string | undefined): string {
  if (error instanceof FileFlaw) return error.message;
  return code === 'EFBIG' ? 'is too large' : `cannot be read (${code})`;
}

/** Where it lies then. An id is never used again, so what is there already is this same job. */
async function setAside(path: string): Promise<string> {
  const aside = `${path}.damaged`;
  return rename(path, aside).then(
    () => aside,
    () => path,
  );
}

/** Drops metainfo that was handed over with jobs that are no more; of one that is set aside it stays. */
async function dropLeftGiven(
  folder: string,
  names: readonly string[],
  jobs: readonly SavedJob[],
): Promise<void> {
  const ids = new Set([
    ...jobs.map(({ id }) => id),
    ...names.flatMap((name) => idInName(name)?.id ?? []),
  ]);
  const left = names.filter((name) => {
    const id = idOfGiven(name);
    return id !== undefined && !ids.has(id);
  });
  await forEachConcurrent(readAtOnce, left, (name) =>
    rm(join(folder, name), { force: true }).catch(() => {}),
  );
}

/** Drops the torrents that no job names. */
async function loadTorrents(
  folder: string,
  jobs: readonly SavedJob[],
): Promise<ReadonlySet<string>> {
  const named = new Set(jobs.map(({ infoHash }) => infoHash));
  const saved = new Set<string>();
  await forEachConcurrent(readAtOnce, await listWithoutTemporary(folder), async (name) => {
    const infoHash = torrentName.exec(name)?.[1];
    if (infoHash === undefined) return;
    if (named.has(infoHash)) saved.add(infoHash);
    else await rm(join(folder, name), { force: true }).catch(() => {});
  });
  return saved;
}

async function listWithoutTemporary(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  await forEachConcurrent(readAtOnce, names.filter(isTemporary), (name) =>
    rm(join(folder, name), { force: true }).catch(() => {}),
  );
  return names.filter((name) => !isTemporary(name));
}
