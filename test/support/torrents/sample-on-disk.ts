// Torrents whose content lies on the disk, where it may be seeded, and what was downloaded compared with it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Metainfo } from '../../../src/metainfo/metainfo.js';
import { type SampleTorrent, sampleTorrent } from './sample-torrent.js';

export interface Sample {
  readonly metainfo: Metainfo;
  /** The file, or the folder. */
  readonly contentPath: string;
  readonly bytes: Buffer;
}

export interface SampleOptions {
  /** Lengths of the files of a folder; or of the one file. */
  readonly files?: readonly number[];
  readonly lengthBytes?: number;
  readonly pieceLengthBytes?: number;
  readonly isPrivate?: boolean;
}

/** Random bytes under a random name in `folder`. */
export async function createSample(folder: string, options: SampleOptions = {}): Promise<Sample> {
  const { lengthBytes = 300_000, pieceLengthBytes = 32_768, isPrivate = true } = options;
  const name = `sample-${randomBytes(4).toString('hex')}`;
  const files = options.files?.map((length, index) => ({
    path: `sub/file-${index}`,
    lengthBytes: length,
  })) ?? [{ path: '', lengthBytes }];
  const bytes = randomBytes(files.reduce((sum, file) => sum + file.lengthBytes, 0));
  const torrent = sampleTorrent({ name, pieceLengthBytes, files, isPrivate }, bytes);
  const contentPath = join(folder, name);
  await layOut(torrent, contentPath);
  return { metainfo: torrent.metainfo, contentPath, bytes };
}

/** Lays the torrent's files out, whole, all or those named. */
export async function layOut(
  torrent: SampleTorrent,
  contentPath: string,
  paths?: readonly string[],
): Promise<void> {
  for (const file of torrent.metainfo.files) {
    const name = file.path.join('/');
    if (paths && !paths.includes(name)) continue;
    const path = join(contentPath, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, torrent.bytesOf(name));
  }
}

/** Makes the torrent's links, each relative to the folder it lies in. */
export async function layOutLinks({ metainfo }: SampleTorrent, contentPath: string): Promise<void> {
  for (const { path, target } of metainfo.links) {
    const place = join(contentPath, ...path);
    await mkdir(dirname(place), { recursive: true });
    const text = relative(dirname(place), join(contentPath, ...target));
    await symlink(text || '.', place);
  }
}

/** What lies at `contentPath` is the content of `sample`, byte for byte. */
export async function expectContent({ metainfo, bytes }: Sample, contentPath: string) {
  const parts = metainfo.files.map((file) => readFile(join(contentPath, ...file.path)));
  expect(Buffer.concat(await Promise.all(parts)).equals(bytes)).toBe(true);
}
