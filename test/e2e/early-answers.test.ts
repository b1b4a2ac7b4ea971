// What a helper says while its engine's thread still begins. A preloaded file delays that thread; see delay-engine.cjs.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, start, watch } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { until } from '../support/waiting.js';

const preload = join(import.meta.dirname, 'delay-engine.cjs');

let cwd: string;
/** The engine is not loaded while this file is there. */
let delayFile: string;

beforeEach(async () => {
  cwd = await scratchFolder();
  delayFile = join(await scratchFolder(), 'delay');
  await writeFile(delayFile, '');
});

function startDelayed(args: readonly string[], more: Record<string, string> = {}): HelperProcess {
  const env = { NODE_OPTIONS: `--require=${preload}`, ENGINE_DELAY: delayFile, ...more };
  return start(['--no-dht', ...args], { cwd, env });
}

const letGo = () => rm(delayFile);
const isReady = ({ stderr }: HelperProcess) => stderr.some((line) => line.includes(': ready: '));

describe('before its ports are open, a helper', () => {
  it('answers what needs no engine', async () => {
    const helper = startDelayed(['file:nothing']);
    await helper.line('1:nothing:-2');
    helper.write('torrent:nothing.torrent', 'pause:7', 'sing:a song', 'list:');
    await helper.line('2:nothing.torrent:-2');
    await helper.diagnostic(/JOB_UNKNOWN/);
    await helper.diagnostic(/not understood/);
    expect(isReady(helper)).toBe(false);
    await letGo();
    await helper.diagnostic(/: ready: peer port [1-9]\d*, tracker http/);
  });

  it('makes a torrent, and publishes it when they are', async () => {
    await writeRandom(join(cwd, 'x.bin'), 100_000);
    const helper = startDelayed([]);
    helper.write('file:x.bin');
    await until(() => existsSync(join(cwd, 'x.bin.torrent')), 'made');
    expect(isReady(helper)).toBe(false);
    await letGo();
    const { magnet } = await helper.published(1);
    expect(magnet).toMatch(/&tr=http%3A%2F%2F127\.0\.0\.1%3A\d+%2Fannounce/);
    await helper.line('1:x.bin:100');
  });

  it('ends when it has no more to do, without having been ready', async () => {
    const helper = startDelayed(['file:nothing']);
    helper.closeInput();
    expect(await helper.exit()).toBe(3);
    expect(helper.stdout).toEqual(['1:nothing:-2']);
    expect(isReady(helper)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('stops on %s', async (signal) => {
    const helper = startDelayed([`magnet:?xt=urn:btih:${'a'.repeat(40)}`, 'file:nothing']);
    await helper.line('2:nothing:-2');
    helper.kill(signal);
    expect(await helper.exit()).toBe(3);
    expect(isReady(helper)).toBe(false);
  });
});

describe('a helper that is told which ports or addresses to have, or has a session,', () => {
  /** What it writes on both streams, in order. */
  function startMerged(args: readonly string[]): HelperProcess {
    const merge = ['-c', 'exec "$0" "$@" 2>&1', process.execPath, command];
    return watch(spawn('sh', [...merge, '--no-dht', ...args], { cwd, stdio: 'pipe' }));
  }

  it.each([
    ['--port', () => freePort()],
    ['--tracker-port', () => freePort()],
    ['--host', () => '127.0.0.1'],
    ['--listen', () => '127.0.0.1'],
    ['--session', () => randomUUID()],
  ])('is ready before it answers: %s', async (option, value) => {
    const helper = startMerged([option, `${await value()}`, 'file:nothing']);
    await helper.line('1:nothing:-2');
    expect(helper.stdout[0]).toMatch(/: ready: /);
  });

  it.each(['--port', '--tracker-port'])('starts nothing where %s is taken', async (option) => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const helper = start([option, `${port}`, 'file:nothing', 'file:.'], { cwd });
    expect(await helper.exit()).toBe(2);
    expect(helper.stdout).toEqual([]);
    expect(helper.stderr).toEqual([expect.stringMatching(/PORT_TAKEN/)]);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe('a helper whose engine cannot begin', () => {
  it('says why, fails what needs it, and ends', async () => {
    await writeRandom(join(cwd, 'x.bin'), 100);
    const magnet = `magnet:?xt=urn:btih:${'a'.repeat(40)}`;
    const helper = startDelayed(['file:nothing', 'file:x.bin', magnet], { ENGINE_BREAKS: 'yes' });
    await until(() => existsSync(join(cwd, 'x.bin.torrent')), 'made');
    // It has failed when the second job has its torrent, which waits for the engine then.
    helper.write('file:x.bin');
    await helper.line('4:x.bin:-2');
    await letGo();
    expect(await helper.exit()).toBe(1);
    const failed = helper.stdout.filter((line) => line.endsWith(':-2'));
    expect(failed.map((line) => line[0])).toEqual(['1', '4', '2', '3']);
    expect(helper.stderr.at(-1)).toMatch(/INTERNAL: .*this thread cannot begin/);
    expect(isReady(helper)).toBe(false);
  });
});
