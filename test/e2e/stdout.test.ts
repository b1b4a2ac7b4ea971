// Where stdout leads to may be full, cut short, or closed; that its reader has gone is told in lifecycle.test.ts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, type HelperProcess, watch } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { startFakeTracker } from '../support/trackers/story-trackers.js';

const hasPython = spawnSync('python3', ['--version']).status === 0;
const unwritable = /^bittorrent-helper: STDOUT_UNWRITABLE: stdout cannot be written: E/;

let folder: string;

beforeEach(async () => {
  folder = await scratchFolder();
  await writeRandom(join(folder, 'x.bin'), 1000);
});

function startInto(stdout: number, args: readonly string[]): HelperProcess {
  const stdio = ['pipe', stdout, 'pipe'] as const;
  const env = withoutProxies();
  return watch(
    spawn(process.execPath, [command, ...args], { cwd: folder, stdio: [...stdio], env }),
  );
}

describe.skipIf(!existsSync('/dev/full'))('a stdout that is full', () => {
  it('stops the helper gracefully, is said, and has an exit code of its own', async () => {
    const tracker = await startFakeTracker();
    const helper = startInto(openSync('/dev/full', 'w'), ['--tracker', tracker.announceUrl]);
    helper.write('file:x.bin', 'file:nowhere');
    expect(await helper.exit()).toBe(5);
    expect(helper.stderr.filter((line) => unwritable.test(line))).toHaveLength(1);
  });

  it.each([
    ['help', ['--help']],
    ['the version', ['--version']],
    ['where a tracker is', ['tracker']],
  ])('is said when it is to take %s', async (_, [question = '']) => {
    const args = question === 'tracker' ? [question, '--port', `${await freePort()}`] : [question];
    const helper = startInto(openSync('/dev/full', 'w'), args);
    expect(await helper.exit()).toBe(5);
    expect(helper.stderr).toEqual([expect.stringMatching(unwritable)]);
  });
});

describe.skipIf(process.platform === 'win32')('a stdout that is a file', () => {
  /** A shell that becomes the helper, whose files may not be longer than `limit` blocks of 512 bytes. */
  function startLimited(limit: string, args: readonly string[]): HelperProcess {
    const script = `ulimit -f ${limit}; exec "$@" >> out`;
    const words = ['-c', script, 'sh', process.execPath, command, ...args];
    return watch(spawn('sh', words, { cwd: folder, stdio: 'pipe', env: withoutProxies() }));
  }

  it('has every line when the helper has ended', async () => {
    await writeFile(join(folder, 'out'), 'before\n');
    const helper = startLimited('unlimited', ['--on-eof', 'stop']);
    helper.write('file:nowhere', 'file:x.bin', 'file:');
    await helper.published(2);
    helper.closeInput();
    expect(await helper.exit()).toBe(3);
    const lines = (await readFile(join(folder, 'out'), 'utf8')).split('\n');
    expect(lines.shift()).toBe('before');
    expect(lines.sort()).toEqual(['', '1:nowhere:-2', '2:x.bin:-1', '2:x.bin:100', '3::-2']);
  });

  it('is said to be full though it took the beginning of the last line', async () => {
    await writeFile(join(folder, 'out'), 'x'.repeat(1020));
    const helper = startLimited('2', ['file:nowhere']);
    helper.closeInput();
    expect(await helper.exit()).toBe(5);
    await helper.diagnostic(unwritable);
    expect((await readFile(join(folder, 'out'), 'utf8')).slice(1020)).toBe('1:no');
  });
});

const terminalProgram = `
import os, pty, subprocess, sys
ours, theirs = pty.openpty()
helper = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.PIPE)
os.close(theirs)
helper.stdin.write(b"file:x.bin\\n")
helper.stdin.flush()
told = b""
while b":100" not in told:
    told += os.read(ours, 100)
os.close(ours)
helper.stdin.write(b"list:\\n")
helper.stdin.flush()
_, told = helper.communicate()
sys.stderr.buffer.write(told)
sys.exit(helper.returncode if helper.returncode >= 0 else 128 - helper.returncode)
`;

describe.skipIf(!hasPython)(
  `a stdout that is a terminal${hasPython ? '' : ' (python3 is not installed)'}`,
  () => {
    it('stops the helper gracefully when it is closed', async () => {
      const tracker = await startFakeTracker();
      const args = ['-c', terminalProgram, process.execPath, command];
      const options = { cwd: folder, env: withoutProxies() };
      const parent = watch(spawn('python3', [...args, '--tracker', tracker.announceUrl], options));
      expect(await parent.exit()).toBe(0);
      expect(tracker.announces.map(({ event }) => event)).toEqual(['started', 'stopped']);
      expect(parent.stderr.filter((line) => !line.startsWith('bittorrent-helper: '))).toEqual([]);
    });
  },
);
