// The hash cache's entry of published content, through the steps of its relocation. What cannot be kept costs a hashing.
import { type ScannedContent, scanContent } from '../metainfo/create/content/scan-content.js';
import { hashCacheIn } from '../metainfo/create/hash-cache.js';
import type { Metainfo } from '../metainfo/metainfo.js';
import { differsInNames, isUnchanged } from '../storage/disk/file-stamp.js';
import { stampAll } from '../storage/resume/relocate-resume-data.js';
import type { FileStamps } from '../storage/storage.js';
import type { LocatedMetainfo } from './located-torrent.js';

/** What it costs to look is little beside the move. */
const never = new AbortController().signal;

type Made = Pick<LocatedMetainfo, 'metainfo' | 'contentPath'>;

/** As `keepResumeData`. */
export async function keepMade<T>(
  stateDir: string,
  made: Made,
  step: () => Promise<T>,
): Promise<T> {
  const before = (await isInCache(stateDir, made)) ? await stampOrNone(made) : undefined;
  try {
    return await step();
  } finally {
    const after = before && (await stampOrNone(made));
    if (before && after && differInNames(before, after)) await putInCache(stateDir, made);
  }
}

/** A whole copy lies at `to` now, too. Says whether it is as it was when it was hashed, for all one knows. Never rejects. */
export async function relocateMade(stateDir: string, made: Made, to: string): Promise<boolean> {
  const isKnown = await isInCache(stateDir, made);
  if (isKnown) await putInCache(stateDir, { ...made, contentPath: to });
  return isKnown;
}

/** In them alone. */
function differInNames(before: FileStamps, after: FileStamps): boolean {
  const changed = [...before].filter(([file, then]) => {
    const now = after.get(file);
    return !now || !isUnchanged(then, now);
  });
  return (
    changed.length > 0 &&
    changed.every(([file, then]) => {
      const now = after.get(file);
      return now && differsInNames(then, now);
    })
  );
}

/** Whether the content is as it was when it was hashed. */
async function isInCache(stateDir: string, { metainfo, contentPath }: Made): Promise<boolean> {
  const content = await scan(metainfo, contentPath);
  const known = content && (await hashCacheIn(stateDir).get(content, metainfo));
  return known?.infoHash === metainfo.infoHash;
}

async function putInCache(stateDir: string, { metainfo, contentPath }: Made): Promise<void> {
  const content = await scan(metainfo, contentPath);
  if (content) await hashCacheIn(stateDir).set(content, metainfo);
}

async function scan({ name }: Metainfo, contentPath: string): Promise<ScannedContent | undefined> {
  const content = await scanContent(contentPath, never).catch(() => undefined);
  return content && { ...content, name };
}

async function stampOrNone({ metainfo, contentPath }: Made) {
  return stampAll(metainfo, contentPath).catch(() => undefined);
}
