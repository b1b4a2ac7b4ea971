// What is known of content, so that it need not be read again, through the steps of its relocation.
import type { Metainfo } from '../metainfo/metainfo.js';
import { keepResumeData, relocateResumeData } from '../storage/resume/relocate-resume-data.js';

/** Runs a step that gives the files at `contentPath` further names, or takes names from them. Rejects as it does. */
export async function keepKnown<T>(
  stateDir: string | undefined,
  metainfo: Metainfo,
  contentPath: string,
  step: () => Promise<T>,
): Promise<T> {
  if (stateDir === undefined) return step();
  return keepResumeData(stateDir, { metainfo, contentPath }, step);
}

/** A whole copy lies at `to` now, too. Never rejects. */
export async function relocateKnown(
  stateDir: string | undefined,
  metainfo: Metainfo,
  from: string,
  to: string,
): Promise<void> {
  if (stateDir !== undefined) await relocateResumeData(stateDir, metainfo, from, to);
}
