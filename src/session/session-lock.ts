// Gives a session to one helper at a time. The lock is the operating system's own, so it goes with its process, however
// that ends, and of two who ask at once one gets it: on Linux an abstract UNIX socket, on Windows a named pipe, both
// named after the folder; on macOS and the BSDs a file locked as it is opened.
// Its limit is one machine. Two machines that share a disk, or two containers with network namespaces of
// their own, do not see each other's.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform as thisPlatform } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../errors.js';
import { openFlags } from '../files/open-flags.js';

export interface SessionLock {
  /** Never rejects. */
  release(): Promise<void>;
}

/** O_EXLOCK of macOS and the BSDs, as in flock(2); Node has no name for it. */
const exclusiveLock = 0x20;

/** Undefined if another has the lock, in this process or elsewhere. `folder`: a real path. Rejects with system errors. */
export async function lockSession(
  folder: string,
  platform: NodeJS.Platform = thisPlatform(),
): Promise<SessionLock | undefined> {
  try {
    switch (platform) {
      case 'linux':
      case 'android':
        return await listen(`\0${lockName(folder)}`);
      case 'win32':
        return await listen(`\\\\.\\pipe\\${lockName(folder)}`);
      default:
        return await openLocked(join(folder, 'lock'));
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EADDRINUSE' || code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined;
    throw error;
  }
}

/** Short enough for the name of a socket, whatever the path. */
function lockName(folder: string): string {
  return `bittorrent-helper-session-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
}

function listen(path: string): Promise<SessionLock> {
  return new Promise((resolve, reject) => {
    // Nobody has a reason to connect.
    const server = createServer((socket) => socket.destroy());
    server.on('error', reject);
    // Exclusive: the workers of a cluster would share it.
    server.listen({ path, exclusive: true }, () => {
      server.unref();
      resolve({ release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

async function openLocked(path: string): Promise<SessionLock> {
  const handle = await open(path, openFlags.lock | exclusiveLock, 0o600);
  return { release: () => handle.close().catch(() => {}) };
}
