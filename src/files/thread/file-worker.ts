// The entry of the thread for small files. A batch comes, is done one system call after the other, and its answers go: the files
// are written, then synced, then named, and each folder is synced once. A disk that takes its time to sync is asked for two at once.
import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { forEachConcurrent } from '../../async/for-each-concurrent.js';
import { hearParent } from '../../async/source-thread.js';
import { systemCode } from '../../errors.js';
import type { FileAnswer, FileTask, LookTask, ReadTask, WriteTask } from './file-task.js';

interface Writing {
  readonly index: number;
  readonly task: WriteTask;
}

const undone: FileAnswer = { kind: 'undone' };

// Nobody sees where it went wrong, only how.
Error.stackTraceLimit = 0;
const port = hearParent(async (tasks: readonly FileTask[]) =>
  port.postMessage(await doTasks(tasks)),
);

/** A disk in memory, or one that confirms nothing, is quicker than the thread pool. */
const quickMs = 0.1;
/** As many at once as the thread pool, which all share, can spare for a slow disk. */
const syncsAtOnce = 2;

/** One answer a task, in their order. Never throws. */
async function doTasks(tasks: readonly FileTask[]): Promise<readonly FileAnswer[]> {
  const answers: FileAnswer[] = tasks.map(() => undone);
  const writing: Writing[] = [];
  for (const [index, task] of tasks.entries()) {
    if (task.kind === 'read') answers[index] = readSmall(task);
    else if (task.kind === 'look') answers[index] = look(task);
    else if (task.kind === 'create' && isThere(task.path)) answers[index] = compare(task);
    else writing.push({ index, task });
  }
  const whole = await syncAll(writing.filter(({ task }) => write(task)));
  const folders = new Map<string, number[]>();
  for (const { index, task } of whole) {
    const answer = giveName(task);
    answers[index] = answer;
    if (answer.kind !== 'done' || !task.isSynced) continue;
    const folder = dirname(task.path);
    folders.set(folder, [...(folders.get(folder) ?? []), index]);
  }
  for (const [folder, indexes] of folders) {
    if (syncFolder(folder)) continue;
    for (const index of indexes) answers[index] = { kind: 'unsynced' };
  }
  return answers;
}

/** Where that cannot be seen, nothing is. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function compare({ path, bytes, flags }: WriteTask): FileAnswer {
  const found = readSmall({ kind: 'read', path, flags, looksFirst: false, maxBytes: bytes.length });
  const isSame = found.kind === 'bytes' && Buffer.compare(found.bytes, bytes) === 0;
  return { kind: isSame ? 'same' : 'taken' };
}

function write({ temporary, bytes }: WriteTask): boolean {
  return attempt(temporary, () => {
    withOpen(openSync(temporary, 'wx'), (descriptor) => {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    });
  });
}

/** Those of which the disk has what it is to have. */
async function syncAll(writing: readonly Writing[]): Promise<readonly Writing[]> {
  const lost = new Set<Writing>();
  let isQuick = true;
  await forEachConcurrent(syncsAtOnce, writing, async (each) => {
    const { isSynced, temporary } = each.task;
    if (!isSynced) return;
    const beganMs = performance.now();
    const isDone = isQuick ? attempt(temporary, () => syncNow(temporary)) : await sync(temporary);
    isQuick &&= performance.now() - beganMs < quickMs;
    if (!isDone) lost.add(each);
  });
  return writing.filter((each) => !lost.has(each));
}

/** Opened anew: so many need not be open at once. */
function syncNow(path: string): void {
  withOpen(openSync(path, 'r+'), fsyncSync);
}

async function sync(temporary: string): Promise<boolean> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(temporary, 'r+');
    await promisify(fsync)(descriptor);
    return true;
  } catch {
    drop(temporary);
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function giveName({ kind, path, temporary }: WriteTask): FileAnswer {
  try {
    if (kind === 'replace') {
      renameSync(temporary, path);
    } else {
      linkSync(temporary, path);
      unlinkSync(temporary);
    }
    return { kind: 'done' };
  } catch (error) {
    drop(temporary);
    return systemCode(error) === 'EEXIST' && kind === 'create' ? { kind: 'taken' } : undone;
  }
}

function syncFolder(folder: string): boolean {
  try {
    withOpen(openSync(folder, 'r'), fsyncSync);
    return true;
  } catch {
    return false;
  }
}

function readSmall({ path, flags, looksFirst, maxBytes }: ReadTask): FileAnswer {
  try {
    if (looksFirst && !statSync(path).isFile()) return undone;
    return withOpen(openSync(path, flags), (descriptor): FileAnswer => {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!stats.isFile() || stats.size > maxBytes) return undone;
      const memory = new Uint8Array(Number(stats.size) + 1);
      let done = 0;
      for (;;) {
        const bytesRead = readSync(descriptor, memory, done, memory.length - done, done);
        done += bytesRead;
        // It grows under our eyes.
        if (done === memory.length) return undone;
        if (bytesRead === 0) break;
      }
      return { kind: 'bytes', bytes: memory.slice(0, done), mtimeNs: stats.mtimeNs };
    });
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? { kind: 'nothing' } : undone;
  }
}

function look({ paths }: LookTask): FileAnswer {
  try {
    const isFree = paths.every((path) => lstatSync(path, { throwIfNoEntry: false }) === undefined);
    return { kind: isFree ? 'nothing' : 'taken' };
  } catch {
    return undone;
  }
}

/** What it left is cleared away where it could not be done. */
function attempt(temporary: string, step: () => void): boolean {
  try {
    step();
    return true;
  } catch {
    drop(temporary);
    return false;
  }
}

function drop(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch {
    // It was not even made; or the disk refuses, and it is cleared away as abandoned another day.
  }
}

function withOpen<T>(descriptor: number, use: (descriptor: number) => T): T {
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
