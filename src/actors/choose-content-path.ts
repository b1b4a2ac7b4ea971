// The path at which the content of a download lies, or is to lie: in the folder that it was given for itself; in that which
// complete ones go to, if it went there in an earlier life of the helper; else in the download dir.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metainfo } from '../metainfo/metainfo.js';
import { resumePaths } from '../storage/resume/resume-files.js';
import type { Dependencies } from './dependencies.js';

export async function chooseContentPath(
  { options, stateDir }: Dependencies,
  { name, infoHash }: Metainfo,
  dir?: string,
): Promise<string> {
  if (dir !== undefined) return join(dir, name);
  const { downloadDir, moveCompleted } = options;
  const downloaded = join(downloadDir, name);
  if (moveCompleted === undefined || stateDir === undefined) return downloaded;
  const moved = join(moveCompleted, name);
  const isOurs = await isThere(resumePaths(stateDir, infoHash, moved).record);
  return isOurs && (await isThere(moved)) ? moved : downloaded;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
