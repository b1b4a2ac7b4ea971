// What may stand in a line of stdin, and in the arguments: understood or not, each in its turn.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf, readTree, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await mkdir(join(folder, 'source'));
  await mkdir(join(folder, 'copy'));
});

async function startIn(name: string, args: readonly string[] = []): Promise<HelperProcess> {
  const cwd = join(folder, name);
  return start(['--tracker-port', `${await freePort()}`, ...args], { cwd });
}

const notUnderstood = (line: string) => `bittorrent-helper: Message not understood: ${line}`;

describe('a line that is not understood', () => {
  it.each([
    'hello',
    'File:x.bin',
    ' file:x.bin',
    'files:x.bin',
    'pause:',
    'pause:one',
    'delete:1 ',
    'list: all',
    'quit',
  ])('is told of and passed over: %s', async (line) => {
    const helper = await startIn('source');
    helper.write(line, 'file:nowhere');
    await helper.line('1:nowhere:-2');
    expect(helper.stderr).toContain(notUnderstood(line));
  });

  it('is shown with its control characters escaped', async () => {
    const helper = await startIn('source');
    helper.write('\x1b[31mred\x07');
    await helper.diagnostic(notUnderstood('\\x1b[31mred\\x07'));
  });

  it('is shown with what turns or hides text escaped, which progress leaves as it stands', async () => {
    const helper = await startIn('source');
    helper.write('quit\u202e:\ufeff', 'file:gnp\u2066\u200b.exe');
    await helper.diagnostic(notUnderstood('quit\\u202e:\\ufeff'));
    await helper.line('1:gnp\u2066\u200b.exe:-2');
    await helper.diagnostic(
      /: job 1 \(gnp\\u2066\\u200b\.exe\): failed: CONTENT_NOT_FOUND: .*gnp\\u2066\\u200b\.exe/,
    );
    const wrong = await startIn('source', ['--no-such\u202eoption']);
    expect(await wrong.exit()).toBe(2);
    expect(wrong.stderr.join()).toContain('--no-such\\u202eoption');
  });

  it('is refused as a whole when it is too long, and the next one is read as usual', async () => {
    const helper = await startIn('source');
    helper.write('x'.repeat(1_000_000), 'file:nowhere');
    await helper.line('1:nowhere:-2');
    expect(helper.stderr.filter((line) => line.includes('Message not understood'))).toHaveLength(1);
  });
});

describe('an id', () => {
  it('is given to every line that begins like a job, whatever becomes of it', async () => {
    await writeRandom(join(folder, 'source/x.bin'), 1000);
    const helper = await startIn('source');
    helper.write('file:', 'torrent:', 'magnet:');
    helper.writeRaw(Buffer.concat([Buffer.from('file:caf'), Buffer.of(0xe9, 0x0a)]));
    helper.write(`file:${'x'.repeat(70_000)}`, 'torrent:a\0b', 'not a job', 'file:x.bin');
    await helper.line('7:x.bin:100');
    for (const [id, file] of [
      [1, ''],
      [2, ''],
      [3, 'magnet:'],
      [4, 'caf.*'],
      [5, 'x+…'],
      [6, 'a\\\\x00b'],
    ]) {
      expect(helper.stdout.filter((line) => line.startsWith(`${id}:`))).toEqual([
        expect.stringMatching(new RegExp(`^${id}:${file}:-2$`)),
      ]);
      await helper.diagnostic(
        new RegExp(`: job ${id} \\(.*\\): failed: (INSTRUCTION|SOURCE)_INVALID: `),
      );
    }
    helper.write('quit:');
    expect(await helper.exit()).toBe(3);
  });

  it('is given to a line of exactly 64 KiB as to any other', async () => {
    const helper = await startIn('source');
    const path = 'x'.repeat(64 * 1024 - 'file:'.length);
    helper.write(`file:${path}`, `file:${path}x`);
    await helper.line(`1:${path}:-2`);
    await helper.diagnostic(/: job 2 \(.*\): failed: INSTRUCTION_INVALID: .*64 KiB/);
  });
});

describe('line ends', () => {
  beforeEach(() => writeRandom(join(folder, 'source/x.bin'), 1000));

  it('may be CRLF', async () => {
    const helper = await startIn('source');
    helper.writeRaw('file:x.bin\r\n');
    await helper.line('1:x.bin:100');
  });

  it('may stand alone: an empty line says nothing', async () => {
    const helper = await startIn('source');
    helper.writeRaw('\n\r\n\nfile:x.bin\n\n');
    await helper.line('1:x.bin:100');
    expect(helper.stderr.filter((line) => line.includes('not understood'))).toEqual([]);
  });

  it('may come in pieces', async () => {
    const helper = await startIn('source');
    await helper.diagnostic(/: ready: /);
    for (const piece of ['fi', 'le:x.b', 'in', '\n']) {
      helper.writeRaw(piece);
      await delay(5);
    }
    await helper.line('1:x.bin:100');
  });

  it('may be missing at the end, where a job is begun all the same', async () => {
    const helper = await startIn('source');
    helper.writeRaw('file:x.bin');
    helper.closeInput();
    await helper.line('1:x.bin:100');
  });

  it('may not be missing at the end of anything else', async () => {
    const seeder = await startIn('source');
    seeder.write('file:x.bin');
    const { torrentFile } = await seeder.published(1);
    const leecher = await startIn('copy');
    leecher.write(`torrent:${torrentFile}`);
    await leecher.line('1:x.bin:100');
    leecher.writeRaw('delete:1');
    leecher.closeInput();
    expect(await leecher.exit()).toBe(0);
    expect(leecher.stderr).toContain(notUnderstood('delete:1'));
    expect(await readdir(join(folder, 'copy'))).toEqual(['x.bin']);
  });
});

describe('the encoding of stdin', () => {
  beforeEach(() => writeRandom(join(folder, 'source/x.bin'), 1000));

  it('may be told by a byte order mark, as PowerShell and .NET do', async () => {
    const helper = await startIn('source');
    helper.write('\ufefffile:x.bin', 'file:nowhere', '\ufefflist:');
    await helper.line('1:x.bin:100');
    await helper.line('2:nowhere:-2');
    await helper.diagnostic(notUnderstood('\\ufefflist:'));
  });

  it('is answered once if it is UTF-16, and the exit code says so to a parent that waits', async () => {
    const helper = await startIn('source');
    const lines = Buffer.from('\ufefffile:x.bin\nquit:\n', 'utf16le');
    helper.writeRaw(lines);
    expect(await helper.exit()).toBe(2);
    expect(helper.stdout).toEqual([]);
    expect(helper.stderr.filter((line) => !line.includes(': ready: '))).toEqual([
      expect.stringMatching(/^bittorrent-helper: INPUT_UNSUPPORTED: stdin is UTF-16, .* UTF-8$/),
    ]);
  });

  it('does not keep what the arguments ask for from being done', async () => {
    const helper = await startIn('source', ['file:x.bin']);
    helper.writeRaw(Buffer.from('file:y.bin\n', 'utf16le'));
    await helper.line('1:x.bin:100');
    await helper.diagnostic(/INPUT_UNSUPPORTED/);
    // Whoever writes on is read on, and does not die of it.
    helper.writeRaw(Buffer.alloc(MiB, 'quit:\n', 'utf16le'));
    helper.kill('SIGTERM');
    expect(await helper.exit()).toBe(2);
    expect(helper.stdout).toEqual(['1:x.bin:-1', '1:x.bin:100']);
  });
});

describe('instructions as arguments', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await writeRandom(join(folder, 'source', name), 1000);
  });

  it('come before those of stdin, in their order', async () => {
    const helper = await startIn('source', ['file:a', 'file:nowhere', 'file:b']);
    helper.write('file:c');
    await helper.line('1:a:100');
    await helper.line('2:nowhere:-2');
    await helper.line('3:b:100');
    await helper.line('4:c:100');
  });

  it('may stand behind --', async () => {
    const helper = await startIn('source', ['--', 'file:a', 'list:']);
    await helper.line('1:a:100');
  });

  it('are carried out though there is no stdin', async () => {
    const cwd = join(folder, 'source');
    const helper = start(['--tracker-port', `${await freePort()}`, 'file:a'], {
      cwd,
      stdin: 'ignore',
    });
    await helper.line('1:a:100');
  });
});

/** The value once it has stood still for a while. */
async function settled(read: () => number): Promise<number> {
  for (;;) {
    const value = read();
    await delay(900);
    if (read() === value) return value;
  }
}

describe('list:', () => {
  it('says the last line of every live job again, by id', async () => {
    for (const name of ['a', 'b', 'c']) await writeRandom(join(folder, 'source', name), 1000);
    const helper = await startIn('source');
    helper.write('file:a', 'file:nowhere', 'file:b', 'file:c');
    for (const line of ['1:a:100', '2:nowhere:-2', '3:b:100', '4:c:100']) await helper.line(line);
    helper.write('remove:3');
    await helper.diagnostic(/: job 3 \(b\): removed$/);
    const heard = helper.stdout.length;
    helper.write('list:', 'file:nowhere');
    await helper.line('5:nowhere:-2');
    expect(helper.stdout.slice(heard)).toEqual(['1:a:100', '4:c:100', '5:nowhere:-2']);
  });
});

describe('a slow download', () => {
  let seeder: HelperProcess;
  let leecher: HelperProcess;
  let source: string;
  const percent = () => leecher.percents(1).at(-1) ?? -1;

  beforeEach(async () => {
    await writeRandom(join(folder, 'source/x.bin'), MiB);
    seeder = await startIn('source', ['--up', '500K']);
    seeder.write('file:x.bin');
    source = `torrent:${(await seeder.published(1)).torrentFile}`;
    leecher = await startIn('copy');
    leecher.write(source);
    await until(() => percent() >= 10, 'at 10 percent');
  });

  it('stands still while it is paused, and goes on when it is resumed', async () => {
    leecher.write('pause:1', 'file:nowhere');
    await leecher.line('2:nowhere:-2');
    const paused = percent();
    expect(paused).toBeLessThan(90);
    // In this time a third of the file would come.
    await delay(900);
    expect(percent()).toBe(paused);
    expect(leecher.stdout.at(-1)).toBe('2:nowhere:-2');

    leecher.write('resume:1');
    await leecher.line('1:x.bin:100');
    const percents = leecher.percents(1);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    expect(await hashOf(join(folder, 'copy/x.bin'))).toBe(
      await hashOf(join(folder, 'source/x.bin')),
    );
  });

  it('can be paused at its other end, too', async () => {
    seeder.write('pause:1', 'file:nowhere');
    await seeder.line('2:nowhere:-2');
    const cut = await settled(percent);
    expect(cut).toBeLessThan(90);
    seeder.write('resume:1');
    await leecher.line('1:x.bin:100');
    expect(seeder.percents(1)).toEqual([-1, 100]);
  });

  it('keeps its data when it is removed, and begins with them when it is given again', async () => {
    leecher.write('remove:1');
    await leecher.diagnostic(/: job 1 \(x\.bin\): removed$/);
    expect(await readdir(join(folder, 'copy'))).toEqual(['x.bin']);
    leecher.write(source);
    await leecher.line('2:x.bin:100');
    const percents = leecher.percents(2);
    const [known, found = -1] = percents;
    expect(known).toBe(-1);
    // A piece may have been written that there was no time to tell of.
    expect(found).toBeGreaterThanOrEqual(leecher.percents(1).at(-1) ?? 100);
    expect(found).toBeLessThan(100);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  });

  it('is deleted with what has come of it', async () => {
    leecher.write('delete:1');
    await leecher.diagnostic(/: job 1 \(x\.bin\): removed$/);
    expect(await readdir(join(folder, 'copy'))).toEqual([]);
    leecher.closeInput();
    expect(await leecher.exit()).toBe(0);
  });
});

describe('move:', () => {
  it('is answered where the content lies there already, seeded or not complete', async () => {
    const content = join(folder, 'source/x.bin');
    await writeRandom(content, 10_000);
    const seeder = await startIn('source');
    seeder.write('file:x.bin');
    await seeder.line('1:x.bin:100');
    const answer = `bittorrent-helper: job 1 (x.bin): moved: ${content}`;
    seeder.write(`move:1:${join(folder, 'source')}`);
    await seeder.diagnostic(answer);
    seeder.write('move:1:.');
    await seeder.diagnostic(answer, seeder.stderr.indexOf(answer) + 1);
    seeder.write('quit:');
    expect(await seeder.exit()).toBe(0);

    const torrentFile = join(folder, 'y.torrent');
    await writeFile(
      torrentFile,
      torrentOf(infoOf('y', Buffer.alloc(9)), 'http://127.0.0.1:1/announce'),
    );
    const leecher = await startIn('copy', ['--move-completed', join(folder, 'source')]);
    leecher.write(`torrent:${torrentFile}`);
    await leecher.line('1:y:0');
    leecher.write('move:1:.');
    await leecher.diagnostic(`bittorrent-helper: job 1 (y): moved: ${join(folder, 'copy/y')}`);
    expect(leecher.percents(1)).toEqual([-1, 0]);
  });
});

describe('delete:', () => {
  it('deletes what the torrent names, and nothing else', async () => {
    for (const name of ['a', 'sub/b', 'other/c']) {
      await writeRandom(join(folder, 'source/all', name), 10_000);
    }
    const seeder = await startIn('source');
    seeder.write('file:all');
    const { torrentFile } = await seeder.published(1);
    const leecher = await startIn('copy');
    leecher.write(`torrent:${torrentFile}`);
    await leecher.line('1:all:100');
    await writeFile(join(folder, 'copy/all/sub/mine'), 'x');
    await writeFile(join(folder, 'copy/beside'), 'x');
    leecher.write('delete:1');
    await leecher.diagnostic(/: job 1 \(all\): removed$/);
    expect(Object.keys(await readTree(join(folder, 'copy'))).sort()).toEqual([
      'all/sub/mine',
      'beside',
    ]);
    // The folders that it emptied are gone.
    expect(await readdir(join(folder, 'copy/all'))).toEqual(['sub']);
  });

  it('is refused for a file that is published here', async () => {
    const path = await writeRandom(join(folder, 'source/x.bin'), 1000);
    const wanted = await hashOf(path);
    const helper = await startIn('source');
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.write('delete:1', 'list:');
    await helper.diagnostic(/^bittorrent-helper: .*REFUSED: .+/);
    await helper.line('1:x.bin:100', 2);
    expect(await hashOf(path)).toBe(wanted);
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
  });
});

describe('a command for a job that is not there', () => {
  it.each(['pause', 'resume', 'remove', 'delete'])('is told of: %s', async (command) => {
    const helper = await startIn('source');
    helper.write(`${command}:7`);
    await helper.diagnostic(new RegExp(`^bittorrent-helper: .*JOB_UNKNOWN: .*${command}:7`));
    helper.closeInput();
    expect(await helper.exit()).toBe(0);
  });
});

describe('a name with control characters', () => {
  it('cannot forge a line', async () => {
    const name = 'one\n2:forged:100\ttab\r\\end\x1b[31m';
    const torrent = torrentOf(infoOf(name, Buffer.alloc(100_000)), 'http://127.0.0.1:1/announce');
    await writeFile(join(folder, 'source/forged.torrent'), torrent);
    const helper = await startIn('source');
    helper.write('torrent:forged.torrent');
    await helper.line('1:one\\n2:forged:100\\ttab\\r\\\\end\\x1b[31m:0');
    expect(helper.stdout).toHaveLength(2);
    helper.write('quit:');
    expect(await helper.exit()).toBe(4);
    for (const line of helper.stderr) expect(line).toMatch(/^bittorrent-helper: /);
  });
});
