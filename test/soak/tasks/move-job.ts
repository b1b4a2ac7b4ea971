// Moves the content of a job, and sees that it has arrived, that it is what it was, and that nothing stayed behind.
import { lstat, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerJob } from '../helper/ledger.js';
import type { TestedHelper } from '../helper/tested-helper.js';
import { type Content, isSame } from './content.js';

export interface MoveOptions {
  readonly helper: TestedHelper;
  readonly job: LedgerJob;
  readonly content: Content;
  /** Where it lies. */
  readonly from: string;
  /** The folder it is to lie in. */
  readonly dir: string;
  /** Complains, and throws. */
  readonly broken: (what: string) => never;
}

const mostTries = 6;
const answerMs = 20_000;
/** The old folder is emptied just after the news of the move. */
const clearMs = 10_000;

/** Resolves with its new path. A kill meanwhile is no reason to give up. */
export async function moveJob(options: MoveOptions): Promise<string> {
  const { helper, job, content, from, dir, broken } = options;
  await mkdir(dir, { recursive: true });
  const to = join(dir, basename(from));
  const before = job.moves;
  const isRefused = () =>
    job.told.some((line) => line.includes(': warning: ') && line.includes(dir));
  for (let tries = 0; job.moves === before; tries += 1) {
    if (tries === mostTries) broken(`job ${job.id} of ${helper.name} was not moved to ${dir}`);
    await helper.tell(`move:${job.id}:${dir}`);
    await helper.ledger.bell.until(() => job.moves > before || isRefused(), answerMs);
    // Killed before it could say so?
    if (job.moves === before && (await isSame(to, content)) && !(await isThere(from))) break;
  }
  await helper.untilJob(job, () => job.percent === 100, 'complete after a move');
  if (!(await isSame(to, content))) broken(`what was moved to ${to} differs`);
  for (let waitedMs = 0; await isThere(from); waitedMs += 100) {
    if (waitedMs > clearMs) broken(`move:${job.id} left ${from}`);
    await delay(100);
  }
  return to;
}

export async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
