// A pipe stands in for a terminal: to the writer, one that is full is the same as one that stands still.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openUnblocked } from '../../../src/stdio/unblocked-terminal.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';

describe('an unblocked terminal', () => {
  it.skipIf(process.platform === 'win32')(
    'lets what it cannot take wait, and has all of it in the end, in order',
    async () => {
      const path = join(await scratchFolder(), 'pipe');
      spawnSync('mkfifo', [path]);
      const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      onTestFinished(() => closeSync(reader));
      const output = openUnblocked(path);
      onTestFinished(() => void output?.destroy());
      const text = Array.from({ length: 40_000 }, (_, line) => `line ${line}\n`).join('');
      let isWritten = false;
      const written = new Promise<void>((resolve) => {
        output?.write(text, () => {
          isWritten = true;
          resolve();
        });
      });
      let read = '';
      const readSome = () => {
        const buffer = Buffer.alloc(30_000);
        try {
          read += buffer.toString('latin1', 0, readSync(reader, buffer));
        } catch {
          // Empty for now.
        }
      };
      readSome();
      expect(isWritten).toBe(false);
      const reading = setInterval(readSome, 1);
      await written;
      clearInterval(reading);
      while (read.length < text.length) readSome();
      expect(read).toBe(text);
    },
  );

  it('is none where there is no such path', () => {
    expect(openUnblocked('/no/such/terminal')).toBeUndefined();
  });
});
