// What hashing threads must know of the files: in memory that all of them share, so that it is handed over at no cost,
// however many files there are.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileIdentity, ScannedFile } from '../content/scan-content.js';

/** Files laid end to end. Plain arrays: a message carries nothing else. */
export interface SharedFiles {
  /** Where each of them ends. */
  readonly endsBytes: Float64Array<SharedArrayBuffer>;
  /** Four numbers a file. */
  readonly identities: BigInt64Array<SharedArrayBuffer>;
  readonly paths: Uint8Array<SharedArrayBuffer>;
  /** Where the path of each ends in `paths`. */
  readonly pathEnds: Float64Array<SharedArrayBuffer>;
}

const identityLength = 4;
/** So many take a millisecond. */
const filesPerTurn = 1024;

export async function shareFiles(files: readonly ScannedFile[]): Promise<SharedFiles> {
  const pathEnds = new Float64Array(shared(8 * files.length));
  let pathBytes = 0;
  await inTurns(files, ({ diskPath }, index) => {
    pathBytes += Buffer.byteLength(diskPath);
    pathEnds[index] = pathBytes;
  });
  const paths = Buffer.from(shared(pathBytes));
  const endsBytes = new Float64Array(shared(8 * files.length));
  const identities = new BigInt64Array(shared(8 * identityLength * files.length));
  let totalBytes = 0;
  await inTurns(files, ({ diskPath, lengthBytes, identity }, index) => {
    paths.write(diskPath, pathEnds[index - 1] ?? 0);
    totalBytes += lengthBytes;
    endsBytes[index] = totalBytes;
    const { device, inode, sizeBytes, modifiedNs } = identity;
    const at = identityLength * index;
    identities[at] = device;
    identities[at + 1] = inode;
    identities[at + 2] = sizeBytes;
    identities[at + 3] = modifiedNs;
  });
  return { endsBytes, identities, paths: new Uint8Array(paths.buffer), pathEnds };
}

export function pathOf({ paths, pathEnds }: SharedFiles, index: number): string {
  const { buffer } = paths;
  return Buffer.from(buffer).toString('utf8', pathEnds[index - 1] ?? 0, pathEnds[index]);
}

export function lengthOf({ endsBytes }: SharedFiles, index: number): number {
  return (endsBytes[index] ?? 0) - (endsBytes[index - 1] ?? 0);
}

/** The numbers are cut to 64 bits on their way, as they are in what the system tells. */
export function isIdentityOf(
  { identities }: SharedFiles,
  index: number,
  { device, inode, sizeBytes, modifiedNs }: FileIdentity,
): boolean {
  const at = identityLength * index;
  return (
    BigInt.asIntN(64, device) === identities[at] &&
    BigInt.asIntN(64, inode) === identities[at + 1] &&
    BigInt.asIntN(64, sizeBytes) === identities[at + 2] &&
    BigInt.asIntN(64, modifiedNs) === identities[at + 3]
  );
}

function shared(lengthBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(lengthBytes);
}

async function inTurns(
  files: readonly ScannedFile[],
  task: (file: ScannedFile, index: number) => void,
): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await nextTurn();
    task(file, index);
  }
}
