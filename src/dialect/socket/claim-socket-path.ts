// Gives a listening socket its path: one that only its user can open, at a place where nobody else can put another. What a
// helper that died has left there is replaced; what a living one has is left alone.
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { platform, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HelperError, systemCode } from '../../errors.js';
import { makePrivateDirectory } from '../../files/make-directory.js';
import { renameExclusively } from '../../files/rename-exclusively.js';

/** What every system takes for the path of a socket. */
const longestPathBytes = 103;
const writableByOthers = 0o022;
const mostTries = 100;
const lockWaitMs = 20;

export interface ClaimedPath {
  /** Removes it, if it is still that socket. Never rejects. */
  release(): Promise<void>;
}

/** Lets the server listen there. Rejects with SOCKET_BUSY where somebody does, and with SOCKET_UNUSABLE where nobody may. */
export async function listenAt(server: Server, given: string): Promise<ClaimedPath> {
  const asked = resolve(given);
  try {
    await makePrivateDirectory(dirname(asked));
    const folder = await realpath(dirname(asked));
    const path = join(folder, basename(asked));
    await checkFolder(path, folder);
    // Made where nobody else can enter, it is never open to others, not even for a moment.
    const ownFolder = await mkdtemp(join(folder, '.s'));
    try {
      return await listenFrom(server, ownFolder, path);
    } finally {
      await rm(ownFolder, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof HelperError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw unusable(asked, what, inFolderOfOwn, error);
  }
}

async function listenFrom(server: Server, ownFolder: string, path: string): Promise<ClaimedPath> {
  const own = join(ownFolder, 's');
  const longest = Math.max(Buffer.byteLength(own), Buffer.byteLength(path));
  if (longest > longestPathBytes) {
    const tooMany = longest - longestPathBytes;
    const why = `it is ${tooMany} bytes too long for the path of a socket`;
    throw unusable(path, why, 'choose a shorter one');
  }
  await listening(server, own);
  try {
    await chmod(own, 0o600);
    const { dev, ino } = await lstat(own);
    await inTurn(path, () => giveName(own, path));
    return {
      async release() {
        const now = await lstat(path).catch(() => undefined);
        if (now?.dev === dev && now.ino === ino) await rm(path, { force: true }).catch(() => {});
      },
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

async function giveName(own: string, path: string): Promise<void> {
  if (await renameExclusively(own, path)) return;
  const there = await lstat(path).catch(() => undefined);
  if (there && !there.isSocket()) throw unusable(path, 'something else lies there');
  if (await isAnswered(path)) throw socketBusy(path);
  await rename(own, path);
}

/**
 * Of many who find what one has left, one at a time takes its place. The lock is the operating system's own, so it goes with its
 * process; other systems than Linux have none of the kind, and there the last of those that ask at the same moment has it.
 */
async function inTurn(path: string, task: () => Promise<void>): Promise<void> {
  if (platform() !== 'linux') return task();
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 32);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const lock = createServer((socket) => socket.destroy());
    const hasIt = await listening(lock, `\0bittorrent-helper-socket-${digest}`).then(
      () => true,
      () => false,
    );
    if (!hasIt) {
      await delay(lockWaitMs);
      continue;
    }
    try {
      return await task();
    } finally {
      lock.close();
    }
  }
  throw socketBusy(path);
}

async function checkFolder(path: string, folder: string): Promise<void> {
  const { uid, mode } = await stat(folder);
  if (uid !== userInfo().uid && uid !== 0) {
    throw unusable(path, `its folder ${folder} belongs to somebody else`);
  }
  if ((mode & writableByOthers) === 0) return;
  const octal = (mode & 0o7777).toString(8);
  const why = `its folder ${folder} is open to others (mode ${octal}), who could put another there`;
  throw unusable(path, why);
}

/** Whether somebody listens there. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((answer, reject) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      answer(true);
    });
    socket.on('error', (error) => {
      const code = systemCode(error);
      if (code === 'ECONNREFUSED' || code === 'ENOENT') answer(false);
      // So many wait to be let in that there is no room.
      else if (code === 'EAGAIN') answer(true);
      else reject(error);
    });
  });
}

export function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, reject) => {
    server.once('error', reject);
    // Exclusive: the workers of a cluster would share it.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      done();
    });
  });
}

export function socketBusy(path: string): HelperError {
  return new HelperError(
    'SOCKET_BUSY',
    `--socket ${path}: another helper listens there; choose another path, or stop that one`,
  );
}

const inFolderOfOwn = 'choose a path in a folder of your own that nobody else may write to';

function unusable(
  path: string,
  why: string,
  instead = inFolderOfOwn,
  cause?: unknown,
): HelperError {
  return new HelperError('SOCKET_UNUSABLE', `--socket ${path}: ${why}; ${instead}`, { cause });
}
