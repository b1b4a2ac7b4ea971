// What is seen of other processes, by /proc and by ps, and how one is told from another that has its number.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  isStillThere,
  type SeenProcess,
  seeByPs,
  seeProcess,
} from '../../../../src/cli/processes/seen-process.js';

const hasProc = existsSync('/proc/self/stat');

function startSleeper(): { readonly child: ChildProcess; readonly id: number } {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, id: child.pid ?? 0 };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe.each([
  ['as this machine lets us see it', seeProcess],
  ['by ps', seeByPs],
])('a process, seen %s', (_, see) => {
  it('has a parent, words and a start', async () => {
    const { id } = startSleeper();
    const seen = await see(id);
    expect(seen).toMatchObject({ id, parentId: process.pid, args: ['sleep', '600'] });
    expect(seen?.startedAt).toMatch(/./);
    expect(await see(id)).toEqual(seen);
  });

  it('is no longer there when it has ended', async () => {
    const { child, id } = startSleeper();
    await end(child);
    expect(await see(id)).toBeUndefined();
  });
});

describe('a process that was seen', () => {
  it('is still there until it ends', async () => {
    const { child, id } = startSleeper();
    const seen = await seeProcess(id);
    if (!seen) throw new Error('it is not seen');
    expect(await isStillThere(seen)).toBe(true);
    await end(child);
    expect(await isStillThere(seen)).toBe(false);
  });

  it('is not there if another one that started later has its number', async () => {
    const { id } = startSleeper();
    const seen = await seeProcess(id);
    const former: SeenProcess = { id, args: [], startedAt: 'before' };
    expect(await isStillThere(former)).toBe(false);
    expect(await isStillThere({ ...former, startedAt: seen?.startedAt })).toBe(true);
    expect(await isStillThere({ ...former, startedAt: undefined })).toBe(true);
  });

  it.skipIf(!hasProc)('has ended though its parent has not asked how it went', async () => {
    // A child of `cat`, which does not ask; a shell might, and so is gone before the child ends.
    const parent = spawn('sh', ['-c', 'sleep 600 & echo $!; exec cat']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(parent.stdout, 'data');
    const id = Number(line);
    onTestFinished(() => void (isRunning(id) && process.kill(id, 'SIGKILL')));
    const seen = await seeProcess(id);
    if (!seen) throw new Error('it is not seen');
    parent.stdin.write('no shell any more\n');
    await once(parent.stdout, 'data');
    process.kill(id, 'SIGKILL');
    while (await isStillThere(seen)) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isRunning(id)).toBe(true);
    expect(await seeProcess(id)).toBeUndefined();
    expect(await seeByPs(id)).toBeUndefined();
  });
});

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}
