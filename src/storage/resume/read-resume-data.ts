// Reads what was left behind of a download, and says how it went wrong in no other way than by what it leaves out.
import { open } from 'node:fs/promises';
import { systemCode } from '../../errors.js';
import { parseJournal } from './piece-journal.js';
import { parseRecord, type ResumeSubject } from './resume-data.js';
import type { ResumePaths } from './resume-paths.js';
import type { LeftBehind } from './validate-resume-data.js';

/** Enough for a torrent of a million pieces in a hundred thousand files; more is no file of ours. */
const mostBytes = 64 * 2 ** 20;

export interface FoundBehind extends LeftBehind {
  /** When the record was last touched; undefined if there is none that can be used. */
  readonly touchedAtMs: number | undefined;
}

/** Never rejects. */
export async function readLeftBehind(
  paths: ResumePaths,
  subject: ResumeSubject,
): Promise<FoundBehind> {
  const [recordFile, journalFile] = await Promise.all(
    [paths.record, paths.journal].map((path) => readSmall(path)),
  );
  const record =
    recordFile && recordFile !== 'damaged' ? parseRecord(recordFile.text, subject) : undefined;
  const touchedAtMs =
    record && recordFile && recordFile !== 'damaged'
      ? Number(recordFile.mtimeNs / 1_000_000n)
      : undefined;
  if (!journalFile || journalFile === 'damaged')
    return { record, touchedAtMs, journal: journalFile };
  const { text, mtimeNs } = journalFile;
  const journal = parseJournal(text, mtimeNs, subject.metainfo.pieceCount) ?? 'damaged';
  return { record, touchedAtMs, journal };
}

/** Undefined if it is not there. */
async function readSmall(
  path: string,
): Promise<{ text: string; mtimeNs: bigint } | 'damaged' | undefined> {
  try {
    const handle = await open(path, 'r');
    try {
      const { size, mtimeNs } = await handle.stat({ bigint: true });
      if (size > mostBytes) return 'damaged';
      return { text: await handle.readFile('utf8'), mtimeNs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : 'damaged';
  }
}
