// Torrents to be relocated, and what there is to see of a relocation.
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { commitContent } from '../../../src/storage/relocate/commit.js';
import { isAtTarget, planRelocation } from '../../../src/storage/relocate/relocation.js';
import { removeSource } from '../../../src/storage/relocate/remove-source.js';
import { stageContent } from '../../../src/storage/relocate/stage.js';
import type { SampleTorrent } from '../torrents/sample-torrent.js';

export const noSignal = new AbortController().signal;

/** All steps of a relocation in a row, as a job takes them. Resolves with where the content lies. */
export async function relocateAll(
  { metainfo }: Pick<SampleTorrent, 'metainfo'>,
  contentPath: string,
  dir: string,
  { isStagedFirst = true, committed = (_path: string) => {} } = {},
): Promise<string> {
  const relocation = planRelocation(dir, metainfo, contentPath);
  if (!(await isAtTarget(relocation))) {
    if (isStagedFirst) await stageContent(relocation, 'whole', noSignal);
    await commitContent(relocation, isStagedFirst, noSignal);
  }
  committed(relocation.to);
  await removeSource(metainfo, relocation.to);
  return relocation.to;
}

/** Every name below a folder, hidden ones too. */
export async function below(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

/** Whether all that the torrent names lies there, byte for byte, and its links lead where it says. */
export async function isWhole(torrent: SampleTorrent, contentPath: string): Promise<boolean> {
  for (const file of torrent.metainfo.files) {
    if (file.isPadding) continue;
    const name = file.path.join('/');
    const path = join(contentPath, name);
    const stats = await lstat(path).catch(() => undefined);
    if (!stats?.isFile()) return false;
    if (!(await readFile(path)).equals(torrent.bytesOf(name))) return false;
  }
  for (const link of torrent.metainfo.links) {
    const path = join(contentPath, ...link.path);
    const text = await readlink(path).catch(() => '/');
    if (resolve(dirname(path), text) !== join(contentPath, ...link.target)) return false;
  }
  return true;
}
