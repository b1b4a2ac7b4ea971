// What a batch asks the system for: counted, for all else that it does is little beside it.

import type * as fs from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { batchMemory, fileBatch } from '../../../../src/storage/batches/batched-files.js';
import type { BatchKind, FileBatch } from '../../../../src/storage/batches/file-batch.js';
import { runBatch } from '../../../../src/storage/batches/run-batch.js';
import { packedLength, unpackStamp } from '../../../../src/storage/disk/file-stamp.js';
import { canHoldFolders } from '../../../../src/storage/folders/folder-walk.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const calls: Record<string, number> = {};

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  const counted = <A extends unknown[], R>(name: string, call: (...args: A) => R) => {
    return (...args: A): R => {
      calls[name] = (calls[name] ?? 0) + 1;
      return call(...args);
    };
  };
  return {
    ...original,
    openSync: counted('open', original.openSync),
    fstatSync: counted('fstat', original.fstatSync),
    lstatSync: counted('lstat', original.lstatSync),
    mkdirSync: counted('mkdir', original.mkdirSync),
    writevSync: counted('write', original.writevSync),
    fsyncSync: counted('fsync', original.fsyncSync),
    closeSync: counted('close', original.closeSync),
  };
});

function callsOf(batch: FileBatch) {
  for (const name of Object.keys(calls)) delete calls[name];
  const report = runBatch({ batch, from: 0 }, () => false);
  expect(report.failure).toBeUndefined();
  return { ...calls };
}

it.runIf(canHoldFolders)(
  'opens, makes, writes, syncs and looks once a file, and goes to each folder once',
  async () => {
    const folders = 5;
    const torrent = scratchTorrent(
      100,
      Array.from({ length: 100 }, (_, nth) => ({
        path: `${Math.floor(nth / 20)}/${nth}`,
        lengthBytes: 100,
      })),
    );
    const { files } = torrent.metainfo;
    const contentPath = join(await scratchFolder(), 'content');
    await mkdir(contentPath);
    const places = files.map((file) => ({ file, bytes: 0 }));
    // The root, the content, and each of the folders, one after the other.
    const steps = folders * 3;
    const made = fileBatch({ kind: 'make', contentPath, files: places });
    expect(callsOf(made)).toEqual({
      open: 100 + steps + folders,
      mkdir: folders,
      fstat: 100 + folders,
      close: 100 + steps,
    });
    const look = runBatch(
      { batch: fileBatch({ kind: 'look', contentPath, files: places }), from: 0 },
      () => false,
    );
    const known = files.map((file, nth) => ({
      file,
      bytes: 0,
      known: unpackStamp(look.stamps, packedLength * nth),
    }));
    const batch = (kind: BatchKind) => fileBatch({ kind, contentPath, files: known });
    const content = batchMemory(files.map((_, nth) => [torrent.piece(nth)]));
    expect(callsOf({ ...batch('write'), content })).toEqual({
      open: 100 + steps,
      fstat: 100,
      write: 100,
      close: 100 + steps,
    });
    expect(callsOf(batch('sync'))).toEqual({
      open: 100 + steps,
      fstat: 200,
      fsync: 100,
      lstat: 100 + folders + 1,
      close: 100 + steps,
    });
    expect(callsOf(batch('whole'))).toEqual({ lstat: 100 + folders + 1 });
  },
);

it('stops where its turn is over, and goes on from there', async () => {
  const torrent = scratchTorrent(100, [
    { path: 'a', lengthBytes: 100 },
    { path: 'b', lengthBytes: 100 },
  ]);
  const contentPath = join(await scratchFolder(), 'content');
  const files = torrent.metainfo.files.map((file) => ({ file, bytes: 0 }));
  const batch = fileBatch({ kind: 'make', contentPath, files });
  const first = runBatch({ batch, from: 0 }, () => true);
  expect([first.done, first.failure]).toEqual([1, undefined]);
  const second = runBatch({ batch, from: 1 }, () => true);
  expect([second.done, second.failure]).toEqual([1, undefined]);
});
