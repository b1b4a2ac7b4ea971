// What threads of ours have for `node:fs/promises` (scripts/thread-source.mjs): the same functions over calls that block. Such a
// thread has nothing else to do meanwhile, and a file costs it microseconds where handing each call to a pool costs hundreds.
// Nothing but a thread's entry may stand on it.
import {
  chmodSync,
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';

/** Overloads do not survive it; those who import this are checked against Node's own types. */
function promising<A extends unknown[], R>(call: (...args: A) => R): (...args: A) => Promise<R> {
  return async (...args) => call(...args);
}

export const chmod = promising(chmodSync);
export const link = promising(linkSync);
export const lstat = promising(lstatSync);
export const mkdir = promising(mkdirSync);
export const readdir = promising(readdirSync);
export const realpath = promising(realpathSync.native);
export const rename = promising(renameSync);
export const rm = promising(rmSync);
export const stat = promising(statSync);
export const utimes = promising(utimesSync);

/** As much of a FileHandle as is asked for. */
export async function open(...args: Parameters<typeof openSync>) {
  const descriptor = openSync(...args);
  return {
    read: async (target: NodeJS.ArrayBufferView, offset: number, length: number, at: number) => ({
      bytesRead: readSync(descriptor, target, offset, length, at),
    }),
    stat: async (options: { readonly bigint: true }) => fstatSync(descriptor, options),
    writeFile: async (bytes: Uint8Array) => writeFileSync(descriptor, bytes),
    sync: async () => fsyncSync(descriptor),
    datasync: async () => fdatasyncSync(descriptor),
    close: async () => closeSync(descriptor),
  };
}
