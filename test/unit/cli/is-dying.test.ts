import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { isDying } from '../../../src/cli/is-dying.js';

describe.skipIf(!existsSync('/proc/self/stat'))('isDying', () => {
  it('does not hold for a process that runs', () => {
    expect(isDying(process.pid)).toBe(false);
  });

  it('holds for a process that has ended and was not yet buried', async () => {
    // `true` ends as a child of `sleep`, which does not ask how it went.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60']);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [ended] = await once(parent.stdout, 'data');
    await vi.waitFor(() => expect(isDying(Number(ended))).toBe(true), 10_000);
  });

  it('does not hold for a process that is not there', async () => {
    const gone = spawn('true');
    await once(gone, 'exit');
    expect(isDying(gone.pid ?? 0)).toBe(false);
  });
});
