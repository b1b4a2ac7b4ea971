import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isExiting } from '../../../../src/cli/processes/process-stat.js';

describe.skipIf(!existsSync('/proc/self/stat'))('isExiting', () => {
  it('does not hold for a process that runs', () => {
    expect(isExiting(process.pid)).toBe(false);
  });

  it('holds for a process that has ended and was not yet reaped', async () => {
    // A child of `cat`, which does not ask how it went; a shell might, and so is gone before the child ends.
    const parent = spawn('sh', ['-c', 'cat <&3 >/dev/null & echo $!; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [toParent, fromParent, , toChild] = parent.stdio;
    if (!toParent || !fromParent || !(toChild instanceof Writable)) throw new Error('no pipes');
    const lines = createInterface({ input: fromParent })[Symbol.asyncIterator]();
    const { value: child } = await lines.next();
    toParent.write('no shell any more\n');
    await lines.next();
    expect(isExiting(Number(child))).toBe(false);
    toChild.end();
    await vi.waitFor(() => expect(isExiting(Number(child))).toBe(true), 10_000);
  });

  it('does not hold for a process that is not there', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    expect(isExiting(gone.pid ?? 0)).toBe(false);
  });
});
