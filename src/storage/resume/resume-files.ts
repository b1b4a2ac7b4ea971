// Where the resume data of a download lies, in a record and a journal named after the torrent and its folder; how both
// are read, whatever lies there; and when they are forgotten.
import { createHash } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isTemporary } from '../../files/atomic-write.js';
import { readStampedFile, type StampedBytes } from '../../files/read-bounded-file.js';
import { parseJournal } from './piece-journal.js';
import { decodeResumeData, type ResumeSubject } from './resume-data.js';
import type { StoredResumeData } from './validate-resume-data.js';

export interface ResumePaths {
  readonly record: string;
  /** There while the download may be written to; stays only where it was not closed in good order. */
  readonly journal: string;
}

export interface ReadResumeData extends StoredResumeData {
  /** When the record was last touched; undefined if there is none that can be used. */
  readonly touchedAtMs: number | undefined;
}

/** Enough for a torrent of a million pieces in a hundred thousand files; more is no file of ours. */
const mostBytes = 64 * 2 ** 20;

const dayMs = 24 * 60 * 60 * 1_000;
const forgottenAfterMs = 365 * dayMs;
/** Of a write that was cut off in the middle. */
const temporaryAfterMs = dayMs;
/** At each start: to look at one takes a trip to the disk, and most are used. */
const mostLookedAt = 500;

export function resumeFolder(stateDir: string): string {
  return join(stateDir, 'resume');
}

export function resumePaths(stateDir: string, infoHash: string, contentPath: string): ResumePaths {
  const folder = createHash('sha256').update(resolve(contentPath)).digest('hex').slice(0, 16);
  const base = join(resumeFolder(stateDir), `${infoHash}-${folder}`);
  return { record: `${base}.json`, journal: `${base}.journal` };
}

/** What is wrong with either file costs that file alone. Never rejects. */
export async function readResumeData(
  paths: ResumePaths,
  subject: ResumeSubject,
): Promise<ReadResumeData> {
  const [recordFile, journalFile] = await Promise.all([read(paths.record), read(paths.journal)]);
  const record = isRead(recordFile) ? decodeResumeData(recordFile.bytes, subject) : undefined;
  return {
    record,
    touchedAtMs: record && isRead(recordFile) ? Number(recordFile.mtimeNs / 1_000_000n) : undefined,
    journal: isRead(journalFile)
      ? (parseJournal(textOf(journalFile), journalFile.mtimeNs, subject.metainfo) ?? 'damaged')
      : journalFile,
  };
}

/** Drops what nobody touched for a year, a bounded part of it at a time; files of other names stay. Never rejects. */
export async function pruneResumeData(stateDir: string, nowMs: number = Date.now()): Promise<void> {
  const folder = resumeFolder(stateDir);
  try {
    for (const name of someOf(await readdir(folder), mostLookedAt)) {
      const afterMs = lifetimeMs(name);
      if (afterMs === undefined) continue;
      const path = join(folder, name);
      const stats = await lstat(path);
      if (stats.isFile() && nowMs - stats.mtimeMs > afterMs) await rm(path, { force: true });
    }
  } catch {
    // Without the folder there is nothing to prune, and in one that cannot be written nothing that can be.
  }
}

/** Others each time. */
function someOf(names: readonly string[], most: number): readonly string[] {
  const from = Math.floor(Math.random() * names.length);
  return [...names.slice(from), ...names.slice(0, from)].slice(0, most);
}

function lifetimeMs(name: string): number | undefined {
  const [isOurs, , end] = /^[0-9a-f]{40}-[0-9a-f]{16}\.(json|journal)(\.tmp)?$/.exec(name) ?? [];
  if (isTemporary(name) || end !== undefined) return temporaryAfterMs;
  return isOurs === undefined ? undefined : forgottenAfterMs;
}

/** Undefined if it is not there. */
async function read(path: string): Promise<StampedBytes | 'damaged' | undefined> {
  return readStampedFile(path, mostBytes).catch(() => 'damaged' as const);
}

function textOf({ bytes }: StampedBytes): string {
  return new TextDecoder().decode(bytes);
}

function isRead(file: StampedBytes | 'damaged' | undefined): file is StampedBytes {
  return typeof file === 'object';
}
