// One saved code cache: its file, and whether it may be used. V8 believes what it is given (one flipped byte was seen to
// crash the process), so a SHA-256 over key, source and cache stands before the cache and is checked first; and a folder
// that somebody else could write to is not looked into.
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, openSync, promises, readSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { geteuid } from 'node:process';
import { closeDirectory, makePrivateDirectory } from '../files/make-directory.js';
import { openFlags } from '../files/open-flags.js';

const digestBytes = 32;
/** Ours are a tenth of it. */
const mostBytes = 16 * 2 ** 20;
/** Five for each version of this program and of Node. */
const mostFiles = 20;
/** Also of other versions of this program and of Node, and half written ones. */
const nameOfOurs = /^[\w-]+-v\d+\.\d+\.\d.*-[0-9a-f]{16}(\.[0-9a-f-]{36}\.new)?$/;

export interface CodeFile {
  /** The cache, or undefined if there is none that can be trusted. Never throws. */
  read(): Buffer | undefined;
  /** Replaces the cache, and removes old ones from the folder. Rejects if that cannot be done. */
  write(cache: Buffer): Promise<void>;
}

/** `key`: what the cache depends on beside the source; its file's name begins with it. */
export function codeFile(folder: string, key: string, source: Buffer): CodeFile {
  const hash = createHash('sha256').update(`${key}\n`).update(source);
  const path = join(folder, `${key}-${hash.copy().digest('hex').slice(0, 16)}`);
  const digestOf = (cache: Buffer) => hash.copy().update(cache).digest();
  return {
    read() {
      try {
        if (!isOurs(lstatSync(folder))) return undefined;
        const bytes = readOwn(path);
        const cache = bytes.subarray(digestBytes);
        return digestOf(cache).equals(bytes.subarray(0, digestBytes)) ? cache : undefined;
      } catch {
        return undefined;
      }
    },
    async write(cache) {
      // The state directory is for others to make.
      await promises.access(dirname(folder));
      await makePrivateDirectory(folder);
      if (!isWritableByOthers(await promises.lstat(folder))) await closeDirectory(folder);
      if (!isOurs(await promises.lstat(folder))) return;
      const fresh = `${path}.${randomUUID()}.new`;
      try {
        await promises.writeFile(fresh, [digestOf(cache), cache], { mode: 0o600, flag: 'wx' });
        await promises.rename(fresh, path);
      } catch (error) {
        await promises.rm(fresh, { force: true });
        throw error;
      }
      await prune(folder).catch(() => {});
    },
  };
}

/** A folder, and nobody else may so much as look into it. Where a system cannot say whose it is, none is. */
function isOurs(stats: Stats): boolean {
  return stats.isDirectory() && stats.uid === geteuid?.() && (stats.mode & 0o777) === 0o700;
}

/** What lies there may be theirs then: to close it now would be to trust them. */
function isWritableByOthers(stats: Stats): boolean {
  return (stats.mode & 0o022) !== 0;
}

function readOwn(path: string): Buffer {
  // Neither through a link, nor waiting for a pipe.
  const file = openSync(path, openFlags.read);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.uid !== geteuid?.() || stats.size > mostBytes) {
      throw new Error('not a file of ours');
    }
    const bytes = Buffer.allocUnsafeSlow(stats.size);
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * The newest stay; those of other versions go in time, and so does what a killed process left half written. Files of
 * other names are somebody's, whose folder happens to be called as ours is.
 */
async function prune(folder: string): Promise<void> {
  const names = (await promises.readdir(folder)).filter((name) => nameOfOurs.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, at: (await promises.lstat(path)).mtimeMs };
    }),
  );
  const old = found.sort((a, b) => b.at - a.at).slice(mostFiles);
  await Promise.all(old.map(({ path }) => promises.rm(path, { force: true })));
}
