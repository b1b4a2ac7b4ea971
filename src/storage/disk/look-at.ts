// Looks at what lies at a path, and never through a symbolic link.
import { type BigIntStats, lstat as lstatWithCallback } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { type HelperError, systemCode } from '../../errors.js';
import { smallFiles } from '../../files/thread/small-files.js';
import { destinationExists, readFailed } from './storage-errors.js';

/** Undefined if nothing is there. Rejects with a DISK_ code if one may not look. */
export async function lookAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw readFailed(path, error);
  }
}

/**
 * Whether all of these paths are free: as a rule they are, and then nothing of what may lie there need be read. False as well
 * where one may not look: whoever reads then is told why.
 */
export async function isNothingAt(paths: readonly string[]): Promise<boolean> {
  const inPool = async () => {
    const free = await Promise.all(paths.map(isFree));
    return free.every(Boolean);
  };
  return smallFiles.run({ kind: 'look', paths }, inPool, ({ kind }) => kind === 'nothing');
}

/** Without the stack of an error for each that is. */
function isFree(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    lstatWithCallback(path, (error) => resolve(systemCode(error) === 'ENOENT'));
  });
}

/** Rejects as `lookAt` does, and with DESTINATION_EXISTS if anything but a folder lies there. */
export async function folderStatus(path: string): Promise<'folder' | 'missing'> {
  const stats = await lookAt(path);
  if (!stats) return 'missing';
  if (!stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
  return 'folder';
}

/** What may take the place of a file that is opened, by what the system then says. */
export const obstacleCodes: ReadonlySet<string | undefined> = new Set([
  'ELOOP',
  'EISDIR',
  'ENXIO',
  'EMLINK',
]);

/** `wanted`: what the download would put there. */
export function inTheWay(
  path: string,
  stats: BigIntStats,
  wanted: 'a file' | 'a folder',
): HelperError {
  return destinationExists(path, `is ${kindOf(stats)} where the download would put ${wanted}`);
}

function kindOf(stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFile()) return 'a file';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
