// What is done to an open file, as promises over bare descriptors: a FileHandle would cost more than the read.
import * as fs from 'node:fs';
import { promisify } from 'node:util';

/** Opens a file by name; `flags` are those of open(2), `mode` is 0666 less the umask. */
export const openFile: (path: string, flags: number) => Promise<number> = promisify(fs.open);
export const closeFile: (descriptor: number) => Promise<void> = promisify(fs.close);

export function statFile(descriptor: number): Promise<fs.BigIntStats> {
  return new Promise((resolve, reject) => {
    fs.fstat(descriptor, { bigint: true }, (error, stats) =>
      error ? reject(error) : resolve(stats),
    );
  });
}

/** Returns when everything written to the file, or every name made in the folder, survives a power cut. */
export const syncFile: (descriptor: number) => Promise<void> = promisify(fs.fsync);

/** As `syncFile`, and tells how the file is then. */
export async function syncAndStat(descriptor: number): Promise<fs.BigIntStats> {
  await syncFile(descriptor);
  return statFile(descriptor);
}

/** Fills `target` from `positionBytes` on. Resolves with the bytes read: fewer only where the file ends. */
export async function readFully(
  descriptor: number,
  target: Uint8Array,
  positionBytes: number,
): Promise<number> {
  let done = 0;
  while (done < target.length) {
    const count = await readSome(descriptor, target, done, positionBytes + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Writes all of `parts`, one behind the other, from `positionBytes` on; null: at the end, as the file was opened to do. */
export async function writeFully(
  descriptor: number,
  parts: readonly Uint8Array[],
  positionBytes: number | null,
): Promise<void> {
  let done = 0;
  for (let left = parts; left.length > 0; ) {
    const at = positionBytes === null ? null : positionBytes + done;
    const count = await writeSome(descriptor, left, at);
    done += count;
    left = withoutFirst(left, count);
  }
}

/** What is left of `parts` once so many bytes are written: nearly always nothing. */
export function withoutFirst(
  parts: readonly Uint8Array[],
  lengthBytes: number,
): readonly Uint8Array[] {
  let skipped = 0;
  for (const [nth, part] of parts.entries()) {
    if (skipped + part.length > lengthBytes) {
      return [part.subarray(lengthBytes - skipped), ...parts.slice(nth + 1)];
    }
    skipped += part.length;
  }
  return [];
}

function readSome(descriptor: number, target: Uint8Array, from: number, positionBytes: number) {
  return new Promise<number>((resolve, reject) => {
    const length = target.length - from;
    fs.read(descriptor, target, from, length, positionBytes, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}

function writeSome(descriptor: number, parts: readonly Uint8Array[], positionBytes: number | null) {
  return new Promise<number>((resolve, reject) => {
    fs.writev(descriptor, [...parts], positionBytes, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}
