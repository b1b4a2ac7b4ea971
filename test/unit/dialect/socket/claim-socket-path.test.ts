import { chmod, lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenAt } from '../../../../src/dialect/socket/claim-socket-path.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';

let folder: string;
let path: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(folder, 's.sock');
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** It says its name to whoever connects. */
async function listen(name: string, at = path) {
  const server = createServer((socket) => socket.on('error', () => {}).end(name));
  servers.push(server);
  return listenAt(server, at);
}

function nameAt(at = path): Promise<string> {
  return new Promise((resolve, reject) => {
    let name = '';
    connect(at)
      .on('data', (chunk) => {
        name += chunk;
      })
      .on('error', reject)
      .on('close', () => resolve(name));
  });
}

describe('the path of a socket', () => {
  it('is for its user alone, and gone with the helper', async () => {
    const claimed = await listen('one');
    const stats = await lstat(path);
    expect(stats.isSocket()).toBe(true);
    expect(stats.mode & 0o777).toBe(0o600);
    expect(await nameAt()).toBe('one');
    expect(await readdir(folder)).toEqual(['s.sock']);
    await claimed.release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is left alone where a helper listens', async () => {
    await listen('one');
    await expect(listen('two')).rejects.toMatchObject({ code: 'SOCKET_BUSY' });
    expect(await nameAt()).toBe('one');
    expect(await readdir(folder)).toEqual(['s.sock']);
  });

  it('is taken where a helper has died', async () => {
    await listen('one');
    // As after a crash: the name is there, and nobody listens.
    await rename(path, join(folder, 'left'));
    servers.pop()?.close();
    await rename(join(folder, 'left'), path);
    await expect(nameAt()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await listen('two');
    expect(await nameAt()).toBe('two');
  });

  it('is one helper’s, whichever, when many ask at once for what one has left', async () => {
    await listen('dead');
    servers.pop()?.close();
    const names = Array.from({ length: 12 }, (_, number) => `${number}`);
    const asked = await Promise.allSettled(names.map((name) => listen(name)));
    const winners = names.filter((_, number) => asked[number]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(await nameAt()).toBe(winners[0]);
    for (const each of asked) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'SOCKET_BUSY' });
    }
  });

  it('is not removed once another has it', async () => {
    const claimed = await listen('one');
    await rename(path, join(folder, 'moved'));
    await listen('two');
    await claimed.release();
    expect(await nameAt()).toBe('two');
  });

  it('is made with its folders, which are for their user alone', async () => {
    const deep = join(folder, 'a', 'b', 's.sock');
    await listen('deep', deep);
    expect((await lstat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
    expect(await nameAt(deep)).toBe('deep');
  });

  it.each([0o777, 0o1777, 0o770, 0o702])(
    'is refused in a folder that others may write to: %o',
    async (mode) => {
      await chmod(folder, mode);
      await expect(listen('one')).rejects.toMatchObject({
        code: 'SOCKET_UNUSABLE',
        message: expect.stringContaining(mode.toString(8)),
      });
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('is refused where something else lies, which stays', async () => {
    await writeFile(path, 'mine');
    await expect(listen('one')).rejects.toMatchObject({ code: 'SOCKET_UNUSABLE' });
    await mkdir(join(folder, 'd'));
    await expect(listen('one', join(folder, 'd'))).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
    });
    expect((await lstat(path)).isFile()).toBe(true);
  });

  it('is refused where it is too long, or where nothing can be made', async () => {
    await expect(listen('one', join(folder, 'x'.repeat(100)))).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
      message: expect.stringMatching(/too long for the path of a socket; choose a shorter one$/),
    });
    await expect(listen('one', '/proc/self/s.sock')).rejects.toMatchObject({
      code: 'SOCKET_UNUSABLE',
    });
  });
});
