// The note in a vessel: what the copy beside it is, and where it came from. It outlives a kill, so that what was placed
// is known as our own, and what it left behind is found.
import type { BigIntStats } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../files/atomic-write.js';
import { type Move, stagedPathOf, stagingFolderOf } from './relocation.js';

const version = 1;

/** Once everything is staged: says which file or folder the copy is, by what a new name does not change. */
export async function writeMarker(move: Move): Promise<void> {
  const copy = identityOf(await lstat(stagedPathOf(move), { bigint: true }));
  const { infoHash } = move.metainfo;
  const note = { version, infoHash, from: move.from, copy };
  await replaceFile(notePath(move), Buffer.from(`${JSON.stringify(note, undefined, 2)}\n`));
}

/** Where the content at `to` was moved from, if a note says so, and what lies there is what was moved. */
export async function readMarker(move: Pick<Move, 'metainfo' | 'to'>): Promise<string | undefined> {
  const stats = await lstat(move.to, { bigint: true }).catch(() => undefined);
  const note = await readNote(notePath(move));
  if (stats === undefined || note === undefined) return undefined;
  const { infoHash, from, copy } = note;
  if (note.version !== version || infoHash !== move.metainfo.infoHash) return undefined;
  return copy === identityOf(stats) && typeof from === 'string' ? from : undefined;
}

async function readNote(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof note === 'object' && note !== null ? { ...note } : undefined;
  } catch {
    // Not there, or not written to its end: nothing was placed yet.
    return undefined;
  }
}

function notePath(move: Pick<Move, 'metainfo' | 'to'>): string {
  return join(stagingFolderOf(move), 'note.json');
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
