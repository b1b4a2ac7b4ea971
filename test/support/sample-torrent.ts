// Small torrents with real content in a temporary folder, for the engine's tests.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Metainfo } from '../../src/metainfo/metainfo.js';

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

/** A temporary folder; `remove` it at the end. */
export async function createFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'engine-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function createSample(folder: string, options: SampleOptions = {}): Promise<Sample> {
  const { files, lengthBytes = 300_000, pieceLengthBytes = 32_768, isPrivate = true } = options;
  const name = `sample-${randomBytes(4).toString('hex')}`;
  const lengths = files ?? [lengthBytes];
  const bytes = randomBytes(lengths.reduce((sum, each) => sum + each, 0));
  const hashes: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += pieceLengthBytes) {
    hashes.push(sha1(bytes.subarray(offset, offset + pieceLengthBytes)));
  }
  const pieceHashes = Buffer.concat(hashes);
  let offsetBytes = 0;
  const metainfoFiles = lengths.map((length, index) => {
    const path = files === undefined ? [] : ['sub', `file-${index}`];
    const file = { path, lengthBytes: length, offsetBytes };
    offsetBytes += length;
    return file;
  });
  const body =
    files === undefined
      ? `6:lengthi${bytes.length}e`
      : `5:filesl${lengths.map((length, index) => `d6:lengthi${length}e4:pathl3:sub${text(`file-${index}`)}ee`).join('')}e`;
  const info = Buffer.concat([
    Buffer.from(
      `d${body}4:name${text(name)}12:piece lengthi${pieceLengthBytes}e6:pieces${pieceHashes.length}:`,
    ),
    pieceHashes,
    Buffer.from(`${isPrivate ? '7:privatei1e' : ''}e`),
  ]);
  const contentPath = join(folder, name);
  for (const file of metainfoFiles) {
    const path = join(contentPath, ...file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes.subarray(file.offsetBytes, file.offsetBytes + file.lengthBytes));
  }
  const metainfo = new Metainfo({
    ...{ name, pieceLengthBytes, pieceHashes, files: metainfoFiles, isPrivate, info },
    infoHash: sha1(info).toString('hex'),
    isFolder: files !== undefined,
    lengthBytes: bytes.length,
    announce: [],
  });
  return { metainfo, contentPath, bytes };
}

/** What lies at `contentPath` is the content of `sample`, byte for byte. */
export async function expectContent({ metainfo, bytes }: Sample, contentPath: string) {
  const parts = metainfo.files.map((file) => readFile(join(contentPath, ...file.path)));
  expect(Buffer.concat(await Promise.all(parts)).equals(bytes)).toBe(true);
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function text(value: string): string {
  return `${value.length}:${value}`;
}
