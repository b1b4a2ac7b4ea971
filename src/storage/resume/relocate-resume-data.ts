// What becomes of resume data when its content is deleted or relocated. For while the torrent is in no
// swarm; files alone, so that it works from any thread.
import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../../files/atomic-write.js';
import { makePrivateDirectory } from '../../files/make-directory.js';
import type { Metainfo, MetainfoFile } from '../../metainfo/metainfo.js';
import { differsInNames, type FileStamp, isUnchanged } from '../disk/file-stamp.js';
import { fileStatus, type SeenFolders } from '../layout/file-status.js';
import type { FileStamps } from '../storage.js';
import { encodeResumeData, type ResumeSubject } from './resume-data.js';
import { type ResumePaths, readResumeData, resumePaths } from './resume-files.js';
import { validateResumeData } from './validate-resume-data.js';

/** The content was deleted: what lies there later is not ours. Never rejects. */
export async function removeResumeData(
  stateDir: string,
  infoHash: string,
  contentPath: string,
): Promise<void> {
  const { record, journal } = resumePaths(stateDir, infoHash, contentPath);
  await Promise.all([record, journal].map((path) => rm(path, { force: true }).catch(() => {})));
}

/**
 * The content was copied, still lies where it was too, and whoever did it has seen to it that the files are the same,
 * and on the disk: what is known of them is known of the copy, and is written down with the stamps its files have. Where anything is in doubt, or without a usable record, nothing is, and the next join checks. Never rejects.
 */
export async function relocateResumeData(
  stateDir: string,
  from: ResumeSubject,
  toContentPath: string,
): Promise<void> {
  const { metainfo, contentPath: fromContentPath } = from;
  const { infoHash } = metainfo;
  if (resolve(fromContentPath) === resolve(toContentPath)) return;
  const to = { metainfo, contentPath: toContentPath };
  const stored = await readResumeData(resumePaths(stateDir, infoHash, fromContentPath), from);
  try {
    const before = await stampAll(metainfo, fromContentPath);
    const { trusted: pieces, doubtful } = validateResumeData(metainfo, stored, before);
    if (stored.record && doubtful.every((byte) => byte === 0)) {
      const stamps = await stampAll(metainfo, toContentPath);
      const path = resumePaths(stateDir, infoHash, toContentPath).record;
      await makePrivateDirectory(dirname(path));
      await replaceFile(path, await encodeResumeData(to, { pieces, stamps }, new Date()));
    }
  } catch {
    // The next join checks what lies there.
  }
  await removeResumeData(stateDir, infoHash, fromContentPath);
}

/**
 * Runs a step of a relocation that gives the files of the content further names, or takes names from them: that alone counts
 * as a change of theirs (ctime), and so their stamps on record would not be true any more. What was known of the files stays
 * known. What somebody else writes to them in the meantime shows in their time of modification, unless it is set back in
 * this very moment. Rejects as the step does.
 */
export async function keepResumeData<T>(
  stateDir: string,
  subject: ResumeSubject,
  step: () => Promise<T>,
): Promise<T> {
  const { metainfo, contentPath } = subject;
  const paths = resumePaths(stateDir, metainfo.infoHash, contentPath);
  const { record } = await readResumeData(paths, subject);
  const before = record && (await stampAll(metainfo, contentPath).catch(() => undefined));
  try {
    return await step();
  } finally {
    // Else the next join reads.
    if (before) await stampAnew(paths, subject, before).catch(() => {});
  }
}

async function stampAnew(
  paths: ResumePaths,
  subject: ResumeSubject,
  before: FileStamps,
): Promise<void> {
  const { record } = await readResumeData(paths, subject);
  if (!record) return;
  const after = await stampAll(subject.metainfo, subject.contentPath);
  const stamps = new Map(record.stamps);
  let hasNews = false;
  for (const [file, recorded] of record.stamps) {
    const [then, now] = [before.get(file), after.get(file)];
    if (!then || !now || !isUnchanged(recorded, then) || !differsInNames(then, now)) continue;
    stamps.set(file, now);
    hasNews = true;
  }
  if (!hasNews) return;
  await replaceFile(
    paths.record,
    await encodeResumeData(subject, { ...record, stamps }, new Date()),
  );
}

/** Rejects as `fileStatus` does. */
export async function stampAll(
  metainfo: Metainfo,
  contentPath: string,
): Promise<Map<MetainfoFile, FileStamp>> {
  const stamps = new Map<MetainfoFile, FileStamp>();
  const seen: SeenFolders = new Map();
  for (const file of metainfo.files) {
    const stamp = file.isPadding ? undefined : await fileStatus(contentPath, file, seen);
    if (stamp) stamps.set(file, stamp);
  }
  return stamps;
}
