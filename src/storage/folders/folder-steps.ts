// The walk of folder-walk.ts without a promise a step, for threads that may wait for a disk: to the folder of one file, and on
// to that of the next.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { inTheWay } from '../disk/look-at.js';
import { otherDisk, readFailed } from '../disk/storage-errors.js';
import {
  canHoldFolders,
  type FolderPath,
  type OnNameMade,
  passThrough,
  pathOfFolder,
  pathOfOpen,
} from './folder-walk.js';

const { O_DIRECTORY, O_NOFOLLOW } = constants;

export interface FolderMaking {
  readonly onNameMade: OnNameMade;
  /** The disk it has to be, if it is known. */
  readonly device: () => bigint | undefined;
}

/** One folder at a time. */
export class FolderSteps {
  #folder: FolderPath | undefined;
  #path = '';
  #descriptor = -1;

  /**
   * A path of the folder that no link can divert, until the next is entered; elsewhere than on Linux, look again afterwards.
   * `making`: what is missing below its root is made. Throws as `openFolder` rejects, and DISK_GONE on another disk.
   */
  enter(folder: FolderPath, making?: FolderMaking): string {
    if (this.#folder === folder) return this.#path;
    this.leave();
    this.#path = canHoldFolders ? this.#open(folder, making) : lookThroughHere(folder, making);
    this.#folder = folder;
    return this.#path;
  }

  leave(): void {
    this.#folder = undefined;
    if (this.#descriptor !== -1) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #open({ root, names }: FolderPath, making: FolderMaking | undefined): string {
    let descriptor = openSync(root, passThrough | O_DIRECTORY);
    for (const [depth, name] of names.entries()) {
      const above = descriptor;
      try {
        const path = join(pathOfOpen(above), name);
        const open = () => openStep(path, join(root, ...names.slice(0, depth + 1)));
        const named = () => pathOfFolder({ root, names: names.slice(0, depth) });
        descriptor = making
          ? unlessMissing(open, () => {
              mustBeOn(fstatSync(above, { bigint: true }), named(), making);
              makeHere(path, named(), making);
            })
          : open();
      } finally {
        closeSync(above);
      }
    }
    this.#descriptor = descriptor;
    return pathOfOpen(descriptor);
  }
}

/** Undefined if nothing is there. Throws a DISK_ code if one may not look. */
export function lookHere(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw readFailed(path, error);
  }
}

function openStep(path: string, named: string): number {
  try {
    return openSync(path, passThrough | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    // What is no folder, or a link.
    const stats = systemCode(error) === 'ENOTDIR' ? lookHere(path) : undefined;
    throw stats ? inTheWay(named, stats, 'a folder') : error;
  }
}

/** Where no folder can be held open. */
function lookThroughHere({ root, names }: FolderPath, making: FolderMaking | undefined): string {
  let path = root;
  for (const name of names) {
    const above = path;
    path = join(above, name);
    const stats = lookHere(path);
    if (stats && !stats.isDirectory()) throw inTheWay(path, stats, 'a folder');
    if (stats || !making) continue;
    mustBeOn(statSync(above, { bigint: true }), above, making);
    makeHere(path, above, making);
  }
  return path;
}

function unlessMissing<T>(open: () => T, make: () => void): T {
  try {
    return open();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    make();
    return open();
  }
}

function mustBeOn({ dev }: BigIntStats, folder: string, { device }: FolderMaking): void {
  if (dev !== (device() ?? dev)) throw otherDisk(folder);
}

function makeHere(path: string, above: string, { onNameMade }: FolderMaking): void {
  try {
    mkdirSync(path);
    onNameMade(above);
  } catch (error) {
    // Another download may be making the same folder just now.
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}
