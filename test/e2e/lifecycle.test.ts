// How a helper ends: by the end of its instructions, by signals, by losing its parent or its reader; and what it tells
// the tracker, and its parent by the exit code.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, start, watch } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import { infoOf, torrentOf } from '../support/torrents/handmade-torrent.js';
import { startFakeTracker } from '../support/trackers/story-trackers.js';
import { before, until } from '../support/waiting.js';

/** 5 s are promised; the rest is for a busy machine. */
const gracefulMs = 6_000;
/** Nothing listens there: port 1 is nobody's. */
const deadTracker = 'http://127.0.0.1:1/announce';

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'source/x.bin'), MiB);
  await mkdir(join(folder, 'copy'));
});

/** A helper that has published x.bin. */
async function startSeeder(args: readonly string[] = []): Promise<HelperProcess> {
  const cwd = join(folder, 'source');
  const seeder = start(['--tracker-port', `${await freePort()}`, ...args], { cwd });
  seeder.write('file:x.bin');
  await seeder.line('1:x.bin:100');
  return seeder;
}

/** A helper whose job 1 is a download that nobody seeds. */
async function startLonelyDownload(
  args: readonly string[],
  announce = deadTracker,
): Promise<HelperProcess> {
  const torrent = join(folder, 'lonely.torrent');
  await writeFile(torrent, torrentOf(infoOf('lonely', Buffer.alloc(100_000, 'x')), announce));
  const cwd = join(folder, 'copy');
  const helper = start(['--tracker-port', `${await freePort()}`, ...args], { cwd });
  helper.write(`torrent:${torrent}`);
  await helper.line('1:lonely:0');
  return helper;
}

async function startLeecher(args: readonly string[] = []): Promise<HelperProcess> {
  const cwd = join(folder, 'copy');
  return start(['--tracker-port', `${await freePort()}`, ...args], { cwd });
}

const torrentFile = () => join(folder, 'source/x.bin.torrent');

describe('at the end of its stdin, a helper told to finish', () => {
  it('completes its downloads, lets them go, and exits with 0', async () => {
    await startSeeder(['--up', '2M']);
    const leecher = await startLeecher();
    leecher.write(`torrent:${torrentFile()}`);
    leecher.closeInput();
    expect(await leecher.exit()).toBe(0);
    expect(leecher.percents(1).at(-1)).toBe(100);
    expect(await hashOf(join(folder, 'copy/x.bin'))).toBe(
      await hashOf(join(folder, 'source/x.bin')),
    );
  });

  it('exits at once with 0 if there is nothing to do', async () => {
    const helper = await startLeecher();
    helper.closeInput();
    expect(await helper.exit()).toBe(0);
    expect(helper.stdout).toEqual([]);
  });

  it('lets go of a download that was complete before', async () => {
    await startSeeder();
    const leecher = await startLeecher();
    leecher.write(`torrent:${torrentFile()}`);
    await leecher.line('1:x.bin:100');
    leecher.closeInput();
    expect(await leecher.exit()).toBe(0);
  });

  it('goes on seeding its files until a signal, and then exits with 0', async () => {
    const seeder = await startSeeder();
    seeder.closeInput();
    // It downloads only from a seeder that is still there.
    const leecher = await startLeecher();
    leecher.write(`torrent:${torrentFile()}`);
    await leecher.line('1:x.bin:100');
    seeder.kill('SIGTERM');
    expect(await seeder.exit(gracefulMs)).toBe(0);
  });

  it('exits with 4 if a signal comes before the downloads are complete', async () => {
    const helper = await startLonelyDownload([]);
    helper.closeInput();
    await delay(0);
    helper.kill('SIGTERM');
    expect(await helper.exit(gracefulMs)).toBe(4);
  });

  it('takes no stdin at all as its end', async () => {
    const cwd = join(folder, 'copy');
    await startSeeder();
    const args = ['--tracker-port', `${await freePort()}`, `torrent:${torrentFile()}`];
    const leecher = start(args, { cwd, stdin: 'ignore' });
    expect(await leecher.exit()).toBe(0);
    expect(leecher.percents(1).at(-1)).toBe(100);
  });
});

describe('at the end of its stdin, a helper told to stop', () => {
  it('exits with 0 though its files were being seeded', async () => {
    const seeder = await startSeeder(['--on-eof', 'stop']);
    seeder.closeInput();
    expect(await seeder.exit(gracefulMs)).toBe(0);
  });

  it('exits with 4 if a download is unfinished', async () => {
    const helper = await startLonelyDownload(['--on-eof', 'stop']);
    helper.closeInput();
    expect(await helper.exit(gracefulMs)).toBe(4);
    expect(helper.stdout).toEqual(['1:lonely:-1', '1:lonely:0']);
  });

  it('exits with 4 if a file is not yet published', async () => {
    const cwd = join(folder, 'source');
    const seeder = start(['--on-eof', 'stop', '--tracker', deadTracker], { cwd });
    seeder.write('file:x.bin');
    await seeder.line('1:x.bin:-1');
    seeder.closeInput();
    expect(await seeder.exit(gracefulMs)).toBe(4);
    expect(seeder.stdout).toEqual(['1:x.bin:-1']);
  });
});

describe('at the end of its stdin, a helper told to seed', () => {
  it('goes on seeding its downloads until a signal, and then exits with 0', async () => {
    const seeder = await startSeeder();
    const second = await startLeecher(['--on-eof', 'seed', `torrent:${torrentFile()}`]);
    second.closeInput();
    await second.line('1:x.bin:100');
    // The tracker of the torrent is the seeder’s, so that one only lets go of the file.
    seeder.write('remove:1');
    await seeder.diagnostic(/: job 1 \(x.bin\): removed$/);

    await mkdir(join(folder, 'third'));
    const third = start(['--tracker-port', `${await freePort()}`, `torrent:${torrentFile()}`], {
      cwd: join(folder, 'third'),
    });
    await third.line('1:x.bin:100');
    second.kill('SIGTERM');
    expect(await second.exit(gracefulMs)).toBe(0);
  });

  it('waits for a signal even if it has no job', async () => {
    const helper = await startLeecher(['--on-eof', 'seed']);
    helper.closeInput();
    await helper.diagnostic(/: ready: /);
    helper.kill('SIGINT');
    expect(await helper.exit(gracefulMs)).toBe(0);
    expect(helper.stdout).toEqual([]);
  });
});

describe('an exit code', () => {
  it('is 3 if a job failed, even if others are unfinished', async () => {
    const helper = await startLonelyDownload([]);
    helper.write('file:nowhere');
    await helper.line('2:nowhere:-2');
    helper.kill('SIGTERM');
    expect(await helper.exit(gracefulMs)).toBe(3);
  });

  it('is 3 if a job failed while others were done', async () => {
    const seeder = await startSeeder();
    seeder.write('file:nowhere');
    await seeder.line('2:nowhere:-2');
    seeder.write('quit:');
    expect(await seeder.exit(gracefulMs)).toBe(3);
  });

  it('is 0 though a line was not understood', async () => {
    const helper = await startLeecher();
    helper.write('what?');
    helper.closeInput();
    expect(await helper.exit()).toBe(0);
  });
});

describe('a helper told to stop', () => {
  const ways: readonly [string, (helper: HelperProcess) => void][] = [
    ['SIGTERM', (helper) => helper.kill('SIGTERM')],
    ['SIGINT', (helper) => helper.kill('SIGINT')],
    ['SIGHUP', (helper) => helper.kill('SIGHUP')],
    ['quit:', (helper) => helper.write('quit:')],
  ];

  it.each(ways)('by %s tells the tracker that it leaves, and exits with 0', async (_, stop) => {
    const tracker = await startFakeTracker();
    const seeder = await startSeeder(['--tracker', tracker.announceUrl]);
    stop(seeder);
    expect(await seeder.exit(gracefulMs)).toBe(0);
    expect(tracker.announces.map(({ event }) => event)).toEqual(['started', 'stopped']);
    expect(new Set(tracker.announces.map(({ port }) => port)).size).toBe(1);
  });

  it('does not wait for a tracker that no longer answers', async () => {
    const tracker = await startFakeTracker(['stopped']);
    const seeder = await startSeeder(['--tracker', tracker.announceUrl]);
    seeder.kill('SIGTERM');
    expect(await seeder.exit(gracefulMs)).toBe(0);
    expect(tracker.announces.at(-1)?.event).toBe('stopped');
  });

  it('tells the tracker that an unfinished download leaves, too', async () => {
    const tracker = await startFakeTracker();
    const helper = await startLonelyDownload([], tracker.announceUrl);
    await tracker.heard('started');
    helper.kill('SIGTERM');
    expect(await helper.exit(gracefulMs)).toBe(4);
    expect(tracker.announces.at(-1)).toMatchObject({ event: 'stopped', leftBytes: 100_000 });
  });

  it('carries out nothing that comes after quit:', async () => {
    const seeder = await startSeeder();
    seeder.write('quit:', 'file:nowhere');
    expect(await seeder.exit(gracefulMs)).toBe(0);
    expect(seeder.stdout).toEqual(['1:x.bin:-1', '1:x.bin:100']);
  });

  it('exits now at the second signal, whatever it still waits for', async () => {
    const tracker = await startFakeTracker(['stopped']);
    const seeder = await startUnreadSeeder(['--tracker', tracker.announceUrl]);
    seeder.kill('SIGTERM');
    await tracker.heard('stopped');
    seeder.kill('SIGTERM');
    // The tracker would be waited for 2 s, the reader 4.5 s.
    expect(await seeder.exit(1_500)).toBe(3);
  });
});

describe('a parent that dies', () => {
  /** A program that starts the helper, and hands its own output on to it. */
  function startParent(helperArgs: readonly string[], cwd: string, endsInput = false) {
    const program = `
      const { spawn } = require('node:child_process');
      const helper = spawn(process.execPath, ${JSON.stringify([command, ...helperArgs])}, {
        stdio: ['pipe', 'inherit', 'inherit'],
        detached: true,
      });
      console.error('the helper is ' + helper.pid);
      ${endsInput ? 'helper.stdin.end();' : ''}
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['-e', program], { cwd, stdio: 'pipe' });
    return { child, parent: watch(child) };
  }

  async function helperId(parent: HelperProcess): Promise<number> {
    const line = await parent.diagnostic(/^the helper is \d+$/);
    const id = Number(line.slice('the helper is '.length));
    onTestFinished(() => {
      if (isRunning(id)) process.kill(id, 'SIGKILL');
    });
    return id;
  }

  /** Its output closes when the helper, which has it open, too, has ended. */
  async function outputClosed(child: ChildProcess): Promise<void> {
    await before(
      gracefulMs,
      new Promise((resolve) => child.once('close', resolve)),
      () => 'the helper outlived its parent',
    );
  }

  it('takes a helper that seeds with it', async () => {
    const tracker = await startFakeTracker();
    const cwd = join(folder, 'source');
    const { child, parent } = startParent(['--tracker', tracker.announceUrl, 'file:x.bin'], cwd);
    await helperId(parent);
    await parent.line('1:x.bin:100');
    child.kill('SIGKILL');
    await outputClosed(child);
    expect(tracker.announces.at(-1)?.event).toBe('stopped');
  });

  it('takes a helper that downloads with it', async () => {
    const torrent = join(folder, 'lonely.torrent');
    const info = infoOf('lonely', Buffer.alloc(100_000, 'x'));
    await writeFile(torrent, torrentOf(info, deadTracker));
    const args = ['--tracker-port', `${await freePort()}`, `torrent:${torrent}`];
    const { child, parent } = startParent(args, join(folder, 'copy'));
    await helperId(parent);
    await parent.line('1:lonely:0');
    child.kill('SIGKILL');
    await outputClosed(child);
  });

  it('changes nothing if it had ended the helper’s stdin before', async () => {
    const port = await freePort();
    const cwd = join(folder, 'source');
    const args = ['--tracker-port', `${port}`, 'file:x.bin'];
    const { child, parent } = startParent(args, cwd, true);
    const id = await helperId(parent);
    await parent.line('1:x.bin:100');
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;

    const leecher = await startLeecher([`torrent:${torrentFile()}`]);
    await leecher.line('1:x.bin:100');
    expect(isRunning(id)).toBe(true);
    process.kill(id, 'SIGTERM');
    await until(() => isClosed(port), 'closed: the tracker of the helper', gracefulMs);
  });
});

describe('a reader of stdout that goes away', () => {
  it('stops the helper gracefully', async () => {
    const tracker = await startFakeTracker();
    const seeder = await startSeeder(['--tracker', tracker.announceUrl]);
    seeder.child.stdout?.destroy();
    seeder.write('list:');
    expect(await seeder.exit(gracefulMs)).toBe(0);
    expect(tracker.announces.map(({ event }) => event)).toEqual(['started', 'stopped']);
  });
});

/** Long enough that a few hundred lines fill every pipe and socket. */
const longPath = (name: string) => `${'./'.repeat(1_500)}${name}`;

/** A helper with a published x.bin and 150 failed jobs, none of whose lines has been read. */
async function startUnreadSeeder(args: readonly string[] = []): Promise<HelperProcess> {
  const cwd = join(folder, 'source');
  const seeder = start(['--tracker-port', `${await freePort()}`, ...args], {
    cwd,
    unread: 'stdout',
  });
  seeder.write(`file:${longPath('x.bin')}`);
  await seeder.published(1);
  for (let job = 2; job <= 151; job += 1) seeder.write(`file:${longPath('nowhere')}`);
  await seeder.diagnostic(/: job 151 /);
  return seeder;
}

describe('a reader of stdout that does not read', () => {
  it('gets the first and the last line of every job in the end, in order', async () => {
    const seeder = await startUnreadSeeder();
    // A download of many percents, all of them while nobody reads.
    await writeRandom(join(folder, 'other/y.bin'), 4 * MiB);
    const other = start(['--tracker-port', `${await freePort()}`, 'file:y.bin'], {
      cwd: join(folder, 'other'),
    });
    const { torrentFile: source } = await other.published(1);
    seeder.write(`torrent:${source}`);
    await seeder.diagnostic(/: job 152 \(y.bin\): done: /);

    seeder.readOn();
    await seeder.line('152:y.bin:100');
    expect(seeder.percents(1)).toEqual([-1, 100]);
    for (let job = 2; job <= 151; job += 1) expect(seeder.percents(job)).toEqual([-2]);
    const percents = seeder.percents(152);
    expect(percents[0]).toBe(-1);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
    seeder.write('quit:');
    expect(await seeder.exit(gracefulMs)).toBe(3);
  });

  it('does not keep it from stopping', async () => {
    const seeder = await startUnreadSeeder();
    seeder.kill('SIGTERM');
    expect(await seeder.exit(gracefulMs)).toBe(3);
  });
});

describe('a reader of stderr that does not read', () => {
  it('delays nothing, and is told how many lines it missed', async () => {
    const cwd = join(folder, 'source');
    const port = await freePort();
    const helper = start(['--tracker-port', `${port}`], { cwd, unread: 'stderr' });
    for (let line = 0; line < 10_000; line += 1) helper.write('what? '.repeat(30));
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.readOn();
    await helper.diagnostic(/^bittorrent-helper: \d+ lines left out$/);
    helper.write('quit:');
    expect(await helper.exit(gracefulMs)).toBe(0);
  });

  it('does not keep it from stopping', async () => {
    const cwd = join(folder, 'source');
    const port = await freePort();
    const helper = start(['--tracker-port', `${port}`], { cwd, unread: 'stderr' });
    for (let line = 0; line < 10_000; line += 1) helper.write('what? '.repeat(30));
    helper.write('file:x.bin');
    await helper.line('1:x.bin:100');
    helper.kill('SIGTERM');
    expect(await helper.exit(gracefulMs)).toBe(0);
  });

  it('may go away altogether', async () => {
    const seeder = await startSeeder();
    seeder.child.stderr?.destroy();
    seeder.write('what?', 'what?', 'file:nowhere');
    await seeder.line('2:nowhere:-2');
    seeder.write('quit:');
    expect(await seeder.exit(gracefulMs)).toBe(3);
  });
});

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

async function isClosed(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false)).once('error', () => resolve(true));
    });
  } finally {
    socket.destroy();
  }
}
