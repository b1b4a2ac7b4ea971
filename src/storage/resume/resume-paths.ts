// Where the resume information of a download lies: a record and a journal, named after the torrent and its folder.
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

export interface ResumePaths {
  readonly record: string;
  /** There while the download may be written to; left behind only where it was not left in good order. */
  readonly journal: string;
}

export function resumeFolder(stateDir: string): string {
  return join(stateDir, 'resume');
}

export function resumePaths(stateDir: string, infoHash: string, contentPath: string): ResumePaths {
  const place = createHash('sha256').update(resolve(contentPath)).digest('hex').slice(0, 16);
  const base = join(resumeFolder(stateDir), `${infoHash}-${place}`);
  return { record: `${base}.json`, journal: `${base}.journal` };
}
