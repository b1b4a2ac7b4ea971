import { execFileSync } from 'node:child_process';
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { scanContent } from '../../../../../src/metainfo/create/content/scan-content.js';
import { writeFiles } from '../../../../support/disks/content-files.js';
import { asOrdinaryUser } from '../../../../support/disks/ordinary-user.js';
import { useScratchFolder } from '../../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const scan = (path: string) => scanContent(path, never);

function refusal(code: string, message = '') {
  return expect.objectContaining({ code, message: expect.stringContaining(message) });
}

async function pathsIn(path: string): Promise<readonly string[]> {
  return (await scan(path)).files.map((file) => file.path.join('/'));
}

describe('scanContent', () => {
  it('finds a single file', async () => {
    await writeFiles(at(), { 'model.bin': 'content' });
    const { mtimeNs, ctimeNs, ino, dev } = await stat(at('model.bin'), { bigint: true });
    expect(await scan(at('model.bin'))).toEqual({
      name: 'model.bin',
      isFolder: false,
      root: at('model.bin'),
      files: [
        {
          path: [],
          diskPath: at('model.bin'),
          lengthBytes: 7,
          identity: { device: dev, inode: ino, sizeBytes: 7n, modifiedNs: mtimeNs },
          changedNs: ctimeNs,
        },
      ],
    });
  });

  it('finds every file of a folder, dotfiles and empty ones too, sorted by the bytes of their names', async () => {
    const paths = [
      '.git/HEAD',
      '.hidden',
      'B',
      'a',
      'a!/x',
      'a b',
      'ab/c/d',
      'ab/c!',
      'é',
      'ｚ',
      '😀',
    ];
    await writeFiles(
      at('data'),
      Object.fromEntries([...paths].reverse().map((path) => [path, 'x'])),
    );
    await writeFiles(at('data'), { empty: '' });
    await mkdir(at('data', 'no files'));
    expect(await pathsIn(at('data'))).toEqual([
      '.git/HEAD',
      '.hidden',
      'B',
      'a',
      'a b',
      'a!/x',
      'ab/c/d',
      'ab/c!',
      'empty',
      'é',
      'ｚ',
      '😀',
    ]);
  });

  it('takes the name from the path as given', async () => {
    await writeFiles(at('real'), { file: 'x', 'sub/file': 'x' });
    await symlink('real', at('link'));
    const names = async (...paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => (await scan(path)).name));
    expect(await names(at('real'), `${at('real')}/`, `${at('link')}/`, at('link'))).toEqual([
      'real',
      'real',
      'link',
      'link',
    ]);
    expect(
      await names(`${at('link')}/.`, `${at('real')}/sub/..`, `${at('link')}/sub/../.`),
    ).toEqual(['real', 'real', 'real']);
    expect((await scan(at('link'))).root).toBe(at('real'));
  });

  it('follows links as the system does, before it goes up with ".."', async () => {
    await writeFiles(at(), { 'far/away/x': 'x', 'far/found': 'y', 'near/found': 'z' });
    await symlink(at('far/away'), at('near/link'));
    expect((await scan(`${at('near/link')}/../found`)).root).toBe(at('far/found'));
  });

  it('has no name for the root of the disk', async () => {
    await expect(scan('/')).rejects.toEqual(refusal('CONTENT_UNSUPPORTED', 'no name'));
  });

  it('follows links to files and folders, twice to the same one too', async () => {
    await writeFiles(at(), { 'elsewhere/sub/file': 'x', 'data/own': 'y' });
    await symlink('../elsewhere/sub/file', at('data', 'link'));
    await symlink(at('elsewhere'), at('data', 'once'));
    await symlink(at('elsewhere'), at('data', 'twice'));
    expect(await pathsIn(at('data'))).toEqual(['link', 'once/sub/file', 'own', 'twice/sub/file']);
    expect((await scan(at('data', 'link'))).name).toBe('link');
  });

  it('refuses links that lead round in a circle', async () => {
    await writeFiles(at('data'), { 'sub/file': 'x' });
    await symlink('..', at('data', 'sub', 'up'));
    await expect(scan(at('data'))).rejects.toEqual(
      refusal('CONTENT_UNSUPPORTED', at('data', 'sub', 'up')),
    );
    await symlink('self', at('self'));
    await expect(scan(at('self'))).rejects.toEqual(refusal('CONTENT_UNSUPPORTED', at('self')));
    await writeFiles(at('other'), { file: 'x' });
    await symlink('loop', at('other', 'loop'));
    await expect(scan(at('other'))).rejects.toEqual(
      refusal('CONTENT_UNSUPPORTED', at('other', 'loop')),
    );
  });

  it('refuses links that lead nowhere', async () => {
    await writeFiles(at('data'), { file: 'x' });
    await symlink('gone', at('data', 'dangling'));
    for (const path of [at('data'), at('data', 'dangling')]) {
      await expect(scan(path)).rejects.toEqual(
        refusal(
          'CONTENT_UNSUPPORTED',
          `${at('data', 'dangling')} is a symbolic link that leads nowhere`,
        ),
      );
    }
  });

  it('refuses FIFOs, sockets and devices', async () => {
    await writeFiles(at(), { 'fifo/file': 'x', 'socket/file': 'x', 'device/file': 'x' });
    execFileSync('mkfifo', [at('fifo', 'pipe')]);
    const server = createServer().listen(at('socket', 'sock'));
    await new Promise((resolve) => server.once('listening', resolve));
    await symlink('/dev/null', at('device', 'null'));
    try {
      for (const [path, what] of [
        [at('fifo'), `${at('fifo', 'pipe')} is a FIFO`],
        [at('fifo', 'pipe'), 'is a FIFO'],
        [at('socket'), `${at('socket', 'sock')} is a socket`],
        [at('device'), `${at('device', 'null')} is a device`],
        ['/dev/null', 'is a device'],
      ] as const) {
        await expect(scan(path)).rejects.toEqual(refusal('CONTENT_UNSUPPORTED', what));
      }
    } finally {
      server.close();
    }
  });

  it('refuses names that are not UTF-8', async () => {
    await mkdir(at('data'));
    await writeFile(Buffer.concat([Buffer.from(`${at('data')}/caf`), Uint8Array.of(0xe9)]), 'x');
    await expect(scan(at('data'))).rejects.toEqual(refusal('CONTENT_UNSUPPORTED', "'caf\ufffd'"));
  });

  it('says that there is nothing', async () => {
    await writeFiles(at(), { file: 'x' });
    for (const path of [at('gone'), at('file', 'below'), `${at('file')}/`, `${at()}/a\0b`]) {
      await expect(scan(path)).rejects.toEqual(refusal('CONTENT_NOT_FOUND', path));
    }
  });

  it('says that there are no bytes to send', async () => {
    await writeFiles(at(), { 'empty.bin': '', 'data/empty': '', 'data/sub/empty': '' });
    await mkdir(at('bare'));
    for (const path of [at('empty.bin'), at('data'), at('bare')]) {
      await expect(scan(path)).rejects.toEqual(refusal('CONTENT_EMPTY', path));
    }
  });

  it('names the folder that it may not read', async () => {
    await writeFiles(at('data'), { 'secret/file': 'x' });
    await chmod(at('data', 'secret'), 0o000);
    await expect(asOrdinaryUser(() => scan(at('data')))).rejects.toEqual(
      refusal('CONTENT_UNREADABLE', at('data', 'secret')),
    );
    await chmod(at('data', 'secret'), 0o700);
  });

  it('goes down a thousand folders', async () => {
    const deep = Array.from({ length: 1000 }, () => 'd').join('/');
    await writeFiles(at('data'), { [`${deep}/file`]: 'x' });
    expect(await pathsIn(at('data'))).toEqual([`${deep}/file`]);
  });

  it('refuses a name longer than the system can open', async () => {
    await expect(scan(at('n'.repeat(300)))).rejects.toEqual(
      refusal('CONTENT_UNSUPPORTED', 'longer than'),
    );
  });

  it('sees everything of a wide folder', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, 'x']));
    await writeFiles(at('data'), files);
    expect(await pathsIn(at('data'))).toEqual(Object.keys(files).sort());
  });

  it('stops at links that multiply folders without end', async () => {
    await mkdir(at('data', '0'), { recursive: true });
    for (let level = 1; level < 30; level++) {
      await mkdir(at('data', `${level}`));
      await symlink(`../${level - 1}`, at('data', `${level}`, 'a'));
      await symlink(`../${level - 1}`, at('data', `${level}`, 'b'));
    }
    await expect(scanContent(at('data'), never, 500)).rejects.toEqual(
      refusal('CONTENT_UNSUPPORTED', 'more than 500 files and folders'),
    );
  });

  it('stops when it is told to', async () => {
    await writeFiles(at('data'), { file: 'x' });
    const reason = new Error('enough');
    await expect(scanContent(at('data'), AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const scanning = scanContent(at('data'), controller.signal);
    controller.abort(reason);
    await expect(scanning).rejects.toBe(reason);
  });
});
