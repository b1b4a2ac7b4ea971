// What a wrong command line is told: one line that names the option, exit code 2, and nothing was started.
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';

let cwd: string;

beforeEach(async () => {
  cwd = await scratchFolder();
});

async function refused(...args: string[]): Promise<string> {
  const helper = start(args, { cwd, stdin: 'ignore' });
  expect(await helper.exit()).toBe(2);
  expect(helper.stdout).toEqual([]);
  expect(helper.stderr).toHaveLength(1);
  return helper.stderr[0] ?? '';
}

async function takenPort(): Promise<number> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return port;
}

describe('a wrong command line', () => {
  it.each([
    ['--no-such-option', /OPTION_INVALID.*--no-such-option/],
    ['--port=0', /--port 0: expected a port number/],
    ['--port=99999', /--port 99999: expected a port number/],
    ['--port=many', /--port many: expected a number/],
    ['--host=example.org', /--host example\.org: expected an IP address/],
    ['--listen=nowhere', /--listen nowhere: expected an IP address/],
    ['--tracker=ftp://x', /--tracker ftp:\/\/x: expected a URL/],
    ['--tracker=wss://x', /--tracker wss:\/\/x: expected/],
    ['--no-tracker', /--no-tracker: expected --public/],
    ['--down=fast', /--down fast: expected bytes a second/],
    ['--give-up=0', /--give-up 0: expected/],
    ['--on-eof=wait', /--on-eof wait: expected finish, stop or seed/],
    ['--quiet=yes', /--quiet/],
    ['-x', /-x/],
    ['--port', /--port/],
    ['--port=80.5', /--port 80\.5: expected a port number/],
    ['--host=', /--host .*: expected an IP address/],
    ['--tracker=tracker.example', /--tracker tracker\.example: expected a URL/],
    ['--down=0', /--down 0: expected bytes a second/],
    ['--up=5X', /--up 5X: expected bytes a second/],
    ['--give-up=soon', /--give-up soon: expected/],
  ])('is answered: %s', async (arg, answer) => {
    expect(await refused(arg, 'file:a')).toMatch(answer);
  });

  it.each([
    [['README.md'], /INSTRUCTION_INVALID: README\.md: .* file:README\.md\?/],
    [['file:a', 'https://example.org/'], /INSTRUCTION_INVALID: .* torrent:https:/],
    [['help'], /INSTRUCTION_INVALID: .* --help\?/],
    [['--stop-with', 'me', 'file:a'], /--stop-with me: expected the id of a process/],
    // Above what any system gives.
    [['--stop-with', '2147483647', 'file:a'], /--stop-with 2147483647: expected .* is there/],
    [['tracker', '--stop-with', '2147483647'], /--stop-with 2147483647: expected .* is there/],
  ])('is answered, and nothing is started: %j', async (args, answer) => {
    expect(await refused(...args)).toMatch(answer);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('is answered: two options that do not go together', async () => {
    const tracker = ['--tracker', 'http://127.0.0.1:1/announce'];
    expect(await refused('--no-tracker', '--public', ...tracker)).toMatch(/--no-tracker/);
  });

  it.each([
    ['--torrent-dir=.', /--torrent-dir/],
    ['file:x', /file:x: expected options only/],
    ['--port=0', /--port 0: expected a port number/],
    ['--port=99999', /--port 99999: expected a port number/],
    ['--host=localhost', /--host localhost: expected an IP address/],
    ['--listen=everywhere', /--listen everywhere: expected an IP address/],
  ])('of the tracker is answered: %s', async (arg, answer) => {
    expect(await refused('tracker', arg)).toMatch(answer);
  });

  it('names the option by which the port that is taken was asked for', async () => {
    const port = await takenPort();
    expect(await refused('--port', `${port}`)).toMatch(/PORT_TAKEN.*--port\b/);
    expect(await refused('--tracker-port', `${port}`)).toMatch(/PORT_TAKEN.*--tracker-port\b/);
    expect(await refused('tracker', '--port', `${port}`)).toMatch(/PORT_TAKEN.*--port\b/);
  });

  it('names the port that is taken', async () => {
    const port = await takenPort();
    expect(await refused('--port', `${port}`)).toMatch(new RegExp(`PORT_TAKEN.*${port}`));
    expect(await refused('--tracker-port', `${port}`)).toMatch(new RegExp(`PORT_TAKEN.*${port}`));
    expect(await refused('tracker', '--port', `${port}`)).toMatch(
      new RegExp(`PORT_TAKEN.*${port}`),
    );
  });

  it('names an address that is not of this machine', async () => {
    expect(await refused('--listen', '192.0.2.1')).toMatch(/PORT_TAKEN.*192\.0\.2\.1/);
  });

  it('names a directory that cannot be made', async () => {
    expect(await refused('--download-dir', '/dev/null/x')).toMatch(/--download-dir \/dev\/null\/x/);
  });
});

describe('the command', () => {
  it('makes the directories that it is told to use', async () => {
    const dirs = ['--torrent-dir', 'a/b', '--download-dir', 'c/d'];
    const helper = start([...dirs, '--tracker-port', `${await freePort()}`], { cwd });
    await helper.diagnostic(/: ready: /);
    expect((await readdir(cwd, { recursive: true })).sort()).toEqual(['a', 'a/b', 'c', 'c/d']);
  });

  it.each(['--help', '-h'])('writes its help, which names every option, for %s', async (asked) => {
    const helper = start([asked], { cwd, stdin: 'ignore' });
    expect(await helper.exit()).toBe(0);
    const help = helper.stdout.join('\n');
    for (const option of ['--torrent-dir', '--on-eof', '--inspect', 'bittorrent-helper tracker']) {
      expect(help).toContain(option);
    }
  });

  it.each(['--version', '-V'])('writes its version for %s', async (asked) => {
    const helper = start([asked], { cwd, stdin: 'ignore' });
    expect(await helper.exit()).toBe(0);
    expect(helper.stdout).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/)]);
  });

  it('says when it is ready, and who can reach it', async () => {
    const port = await freePort();
    const helper = start(['--tracker-port', `${port}`], { cwd });
    const ready = await helper.diagnostic(/ready: peer port \d+/);
    expect(ready).toContain(`tracker http://127.0.0.1:${port}/announce`);
    expect(ready).toMatch(/only this machine can reach it, --host/);
  });

  it('says nothing but errors when it is to be quiet', async () => {
    const helper = start(['--quiet', '--tracker-port', `${await freePort()}`], { cwd });
    helper.write('file:nothing', 'what?');
    await helper.line('1:nothing:-2');
    helper.write('quit:');
    expect(await helper.exit()).toBe(3);
    expect(helper.stderr.every((line) => /failed|not understood/.test(line))).toBe(true);
    expect(helper.stderr).toHaveLength(2);
  });
});

describe('bittorrent-helper tracker', () => {
  let tracker: HelperProcess;
  let url: string;

  beforeEach(async () => {
    const port = await freePort();
    tracker = start(['tracker', '--port', `${port}`], { cwd, stdin: 'ignore' });
    url = await tracker.line(/^http/);
    expect(url).toBe(`http://127.0.0.1:${port}/announce`);
  });

  it('serves any info hash, and ends when it is told to', async () => {
    const anyHash = '%00%11%FF'.padEnd(20 + 6, 'x');
    const query = `info_hash=${anyHash}&peer_id=${'p'.repeat(20)}&port=4000&left=0&compact=1`;
    const answer = await (await fetch(`${url}?${query}`)).text();
    expect(answer).toMatch(/8:completei1e/);
    tracker.kill('SIGTERM');
    expect(await tracker.exit()).toBe(0);
    expect(tracker.stdout).toEqual([url]);
  });

  it.each(['http', 'udp'])('brings peers together over %s', async (scheme) => {
    const args = ['--tracker', url.replace(/^http/, scheme)];
    const path = await writeRandom(join(cwd, 'source/x.bin'), 100_000);
    const seeder = start(args, { cwd: join(cwd, 'source') });
    seeder.write('file:x.bin');
    const { torrentFile } = await seeder.published(1);
    await mkdir(join(cwd, 'copy'));
    const leecher = start([...args, `torrent:${torrentFile}`], { cwd: join(cwd, 'copy') });
    await leecher.line('1:x.bin:100');
    expect(await hashOf(join(cwd, 'copy/x.bin'))).toBe(await hashOf(path));
  });

  it('registers what other helpers publish', async () => {
    const source = start(['--tracker', url], { cwd });
    source.write('file:.');
    expect(await source.line(/:-2$/)).toBe('1:.:-2');
    source.write(`file:${import.meta.filename}`);
    const { magnet } = await source.published(2);
    expect(magnet).toContain(encodeURIComponent(url));
  });
});
