// Puts a whole file in its place, or nothing: written beside it under a passing name, synced, then given its name in one
// step. It never writes over what it was not told to replace, whoever else is at work in the folder.
import { randomUUID } from 'node:crypto';
import { type link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openFlags } from './open-flags.js';
import { isTaken, renameExclusively } from './rename-exclusively.js';
import { syncDirectory, syncOpen } from './sync-directory.js';
import type { FileAnswer, WriteTask } from './thread/file-task.js';
import { mostSmallBytes, smallFiles } from './thread/small-files.js';

const temporaryStart = '.bittorrent-helper-';
const temporaryEnd = '.tmp';
/** A writer is through in moments. */
const abandonedMs = 60_000;

/**
 * Resolves with false, and leaves what lies there alone, if anything does; but with true where it was seen to be a file of the
 * same bytes, as it is where much is written at once. Rejects with system errors.
 */
export async function createFile(
  path: string,
  bytes: Uint8Array,
  makeLink?: typeof link,
): Promise<boolean> {
  const task = writeTask('create', path, bytes, 'synced');
  const inPool = async () => {
    if (await isTaken(path)) return false;
    return withTemporaryFile(task, async () => {
      const isMade = await renameExclusively(task.temporary, path, makeLink);
      await rm(task.temporary, { force: true });
      return isMade;
    });
  };
  if (makeLink || bytes.length > mostSmallBytes) return inPool();
  return smallFiles.run(task, inPool, async (answer) => {
    await syncedFolder(task, answer);
    return answer.kind !== 'taken';
  });
}

/** `unsynced`: many times quicker, but a power cut within the next half minute may leave an empty file. */
export type Durability = 'synced' | 'unsynced';

/** Takes the place of the file at `path`: a reader sees the old bytes or the new ones. Rejects with system errors. */
export async function replaceFile(
  path: string,
  bytes: Uint8Array,
  durability: Durability = 'synced',
): Promise<void> {
  const task = writeTask('replace', path, bytes, durability);
  const inPool = () => withTemporaryFile(task, () => rename(task.temporary, path));
  if (bytes.length > mostSmallBytes) return inPool();
  return smallFiles.run(task, inPool, (answer) => syncedFolder(task, answer));
}

/** Whether a file of this name is one that was being written when its writer died, if it still lies there. */
export function isTemporary(name: string): boolean {
  return name.startsWith(temporaryStart) && name.endsWith(temporaryEnd);
}

/** Clears away what writers that died left in a folder that others may be writing to now. Never rejects. */
export async function clearAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporary)) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    const isAbandoned = stats?.isFile() && Date.now() - stats.mtimeMs > abandonedMs;
    if (isAbandoned) await rm(path, { force: true }).catch(() => {});
  }
}

function writeTask(
  kind: WriteTask['kind'],
  path: string,
  whole: Uint8Array,
  durability: Durability,
): WriteTask {
  const temporary = join(dirname(path), `${temporaryStart}${randomUUID()}${temporaryEnd}`);
  // A part of a larger memory would be sent with all of that.
  const bytes = whole.length === whole.buffer.byteLength ? whole : new Uint8Array(whole);
  const flags = openFlags.read;
  return { kind, path, temporary, bytes, flags, isSynced: durability === 'synced' };
}

/** The thread could not: what is wrong is said here. */
async function syncedFolder({ path }: WriteTask, { kind }: FileAnswer): Promise<void> {
  if (kind === 'unsynced') await syncDirectory(dirname(path));
}

async function withTemporaryFile<T>(
  { path, temporary, bytes, isSynced }: WriteTask,
  giveName: () => Promise<T>,
): Promise<T> {
  try {
    await writeNew(temporary, bytes, isSynced);
    const result = await giveName();
    if (isSynced) await syncDirectory(dirname(path));
    return result;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // what went wrong first is what counts
    throw error;
  }
}

async function writeNew(path: string, bytes: Uint8Array, isSynced: boolean): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    if (isSynced) await syncOpen(handle);
  } finally {
    await handle.close();
  }
}
