// A process that swaps a folder for a symbolic link and back, as fast as it can, until it is told to stop.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const program = `
  const { existsSync, lstatSync, renameSync, symlinkSync } = require('node:fs');
  const { join } = require('node:path');
  const [, folder, target, workshop] = process.argv;
  const [away, link, stop] = ['away', 'link', 'stop'].map((name) => join(workshop, name));
  const move = (from, to) => {
    try {
      renameSync(from, to);
      return true;
    } catch {
      return false;
    }
  };
  // While nothing is there, somebody may make a folder: that is put aside.
  let nth = 0;
  const putBack = (from) => {
    while (!move(from, folder)) move(folder, join(workshop, 'aside-' + nth++));
  };
  symlinkSync(target, link);
  process.stdout.write('swapping');
  // It is in its place for most of the time: so it is seldom seen to be a link, before it is one.
  const isStopped = () => Array(20).fill(stop).some(existsSync);
  while (!isStopped()) {
    if (!move(folder, away)) continue;
    putBack(link);
    move(folder, link);
    putBack(away);
  }`;

export interface FolderSwapper {
  /** The folder is in its place when this resolves. */
  stop(): Promise<void>;
}

/** `workshop`: a new folder on the same disk, where what is not in its place lies meanwhile. */
export async function swapFolder(
  folder: string,
  target: string,
  workshop: string,
): Promise<FolderSwapper> {
  await mkdir(workshop, { recursive: true });
  const child = spawn(process.execPath, ['-e', program, folder, target, workshop], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await once(child.stdout, 'data');
  return {
    async stop() {
      await writeFile(join(workshop, 'stop'), '');
      await exited;
    },
  };
}
