// What is known of content, so that it need not be read again, through the steps of its relocation: of a download its resume
// data, of what was published its entry in the hash cache.
import { access } from 'node:fs/promises';
import type { Metainfo } from '../metainfo/metainfo.js';
import { keepResumeData, relocateResumeData } from '../storage/resume/relocate-resume-data.js';
import { resumePaths } from '../storage/resume/resume-files.js';
import { keepMade, relocateMade } from './keep-made.js';

export interface KnownContent {
  /** Undefined: nothing is known for longer than the helper lives. */
  readonly stateDir: string | undefined;
  readonly metainfo: Metainfo;
  readonly contentPath: string;
}

/** Runs a step that gives the files further names, or takes names from them. Rejects as it does. */
export async function keepKnown<T>(known: KnownContent, step: () => Promise<T>): Promise<T> {
  const { stateDir } = known;
  if (stateDir === undefined) return step();
  const keep = (await isDownload(stateDir, known)) ? keepResumeData : keepMade;
  return keep(stateDir, known, step);
}

/** A whole copy lies at `to` now, too. Says whether published content is known to be what was published. Never rejects. */
export async function relocateKnown(known: KnownContent, to: string): Promise<boolean> {
  const { stateDir } = known;
  if (stateDir === undefined) return false;
  if (!(await isDownload(stateDir, known))) return relocateMade(stateDir, known, to);
  await relocateResumeData(stateDir, known, to);
  return false;
}

async function isDownload(
  stateDir: string,
  { metainfo, contentPath }: KnownContent,
): Promise<boolean> {
  const { record } = resumePaths(stateDir, metainfo.infoHash, contentPath);
  return access(record).then(
    () => true,
    () => false,
  );
}
