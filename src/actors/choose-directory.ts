// Where the content of a download lies, or is to lie: in the folder that complete ones move to, if it was moved there in
// an earlier life of the helper, else in the download dir.
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metainfo } from '../metainfo/metainfo.js';
import { resumePaths } from '../storage/resume/resume-paths.js';
import type { Dependencies } from './dependencies.js';

export async function chooseContentPath(
  { options, stateDir }: Dependencies,
  { name, infoHash }: Metainfo,
): Promise<string> {
  const { downloadDir, moveCompleted } = options;
  const place = join(downloadDir, name);
  if (moveCompleted === undefined || stateDir === undefined) return place;
  const moved = join(moveCompleted, name);
  const isOurs = await isThere(resumePaths(stateDir, infoHash, moved).record);
  return isOurs && (await isThere(moved)) ? moved : place;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
