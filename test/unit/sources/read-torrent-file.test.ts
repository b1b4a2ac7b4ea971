import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTorrentFile } from '../../../src/sources/read-torrent-file.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'read-torrent-file-'));
});
afterEach(() => rm(dir, { recursive: true }));

const never = new AbortController().signal;
const at = (name: string) => join(dir, name);

async function expectCode(path: string, code: string) {
  await expect(readTorrentFile(path, never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(path),
  });
}

describe('readTorrentFile', () => {
  it('gives the bytes of the file', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
    await writeFile(at('a'), bytes);
    expect(Buffer.from(bytes).equals(await readTorrentFile(at('a'), never))).toBe(true);
  });

  it('follows a symbolic link', async () => {
    await writeFile(at('a'), 'x');
    await symlink('a', at('link'));
    expect(Buffer.from(await readTorrentFile(at('link'), never)).toString()).toBe('x');
  });

  it('takes a file of 32 MiB, and none that is larger', async () => {
    await writeFile(at('a'), '');
    await truncate(at('a'), 32 * 1024 * 1024);
    expect((await readTorrentFile(at('a'), never)).length).toBe(32 * 1024 * 1024);
    await truncate(at('a'), 32 * 1024 * 1024 + 1);
    await expectCode(at('a'), 'TOO_LARGE');
  });

  it('says that there is no file', async () => {
    await writeFile(at('a'), '');
    await symlink('missing', at('dangling'));
    for (const name of ['missing', 'a/b', 'dangling'])
      await expectCode(at(name), 'TORRENT_NOT_FOUND');
  });

  it('refuses a folder, a FIFO, a socket and a device, and waits for none of them', async () => {
    await mkdir(at('folder'));
    execFileSync('mkfifo', [at('fifo')]);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    for (const path of [at('folder'), at('fifo'), at('socket'), '/dev/zero']) {
      await expectCode(path, 'TORRENT_UNREADABLE');
    }
    server.close();
  });

  it('refuses a looping link, an overlong name, and a name with a NUL', async () => {
    await symlink('loop', at('loop'));
    for (const name of ['loop', 'x'.repeat(256), 'a\0b'])
      await expectCode(at(name), 'TORRENT_UNREADABLE');
  });

  it.skipIf(process.getuid?.() === 0)('refuses a file that may not be read', async () => {
    await writeFile(at('a'), 'x');
    await chmod(at('a'), 0);
    await expectCode(at('a'), 'TORRENT_UNREADABLE');
  });

  it('rejects with the reason of the signal', async () => {
    await writeFile(at('a'), 'x');
    const reason = new Error('stopped');
    await expect(readTorrentFile(at('a'), AbortSignal.abort(reason))).rejects.toBe(reason);
    const stop = new AbortController();
    const reading = readTorrentFile(at('a'), stop.signal);
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it('rejects in one place only, whenever the signal aborts', async () => {
    await writeFile(at('a'), 'x');
    const uncaught: unknown[] = [];
    const remember = (error: unknown) => uncaught.push(error);
    process.on('uncaughtException', remember);
    const reason = new Error('stopped');
    for (let round = 0; round < 300; round += 1) {
      const stop = new AbortController();
      const reading = readTorrentFile(at('a'), stop.signal).catch((error: unknown) => {
        expect(error).toBe(reason);
      });
      // It takes some turns of the event loop; each round aborts in another one.
      for (let turns = round % 30; turns > 0; turns -= 1) await nextTurn();
      stop.abort(reason);
      await reading;
    }
    await nextTurn();
    process.off('uncaughtException', remember);
    expect(uncaught).toEqual([]);
  });
});
