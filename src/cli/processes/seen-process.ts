// What can be seen of another process: by /proc where there is one, else by ps, else by its number alone.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { kill } from 'node:process';
import { promisify } from 'node:util';
import { systemCode } from '../../errors.js';
import { readStat } from './process-stat.js';

export interface SeenProcess {
  readonly id: number;
  /** Who has the same number and another time is another process. Undefined: it cannot be seen. */
  readonly startedAt?: string | undefined;
  readonly parentId?: number | undefined;
  /** What it was started with, its name first; a program may have put another title there. */
  readonly args: readonly string[];
}

/** Undefined if there is no such process, or if it has ended. */
export async function seeProcess(id: number): Promise<SeenProcess | undefined> {
  if (!hasProcess(id)) return undefined;
  const stat = readStat(id);
  if (!stat) return seeByPs(id);
  const { startedAt, parentId } = stat;
  return stat.isExiting ? undefined : { id, startedAt, parentId, args: readArgs(id) };
}

/**
 * Whether it is still the same process that has this number. Where there is no /proc only a close look tells, which takes a
 * process of its own; else the number is taken for it.
 */
export async function isStillThere(
  { id, startedAt }: SeenProcess,
  isCloseLook = true,
): Promise<boolean> {
  if (!hasProcess(id)) return false;
  const isSame = (seen: { readonly startedAt?: string | undefined }) =>
    !startedAt || !seen.startedAt || seen.startedAt === startedAt;
  const stat = readStat(id);
  if (stat) return !stat.isExiting && isSame(stat);
  if (!isCloseLook) return true;
  const seen = await seeByPs(id);
  return seen !== undefined && isSame(seen);
}

/** By the number alone: the dead that nobody has asked how it went are there, too. */
export function hasProcess(id: number): boolean {
  try {
    return kill(id, 0);
  } catch (error) {
    // It may be another user's.
    return systemCode(error) !== 'ESRCH';
  }
}

function readArgs(id: number): string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
  } catch {
    return [];
  }
}

const run = promisify(execFile);
const psTimeoutMs = 5_000;
/** As ps writes them: the parent, the state, when it was started, five words long, and the command. */
const psColumns = ['ppid', 'stat', 'lstart', 'command'].flatMap((name) => ['-o', `${name}=`]);
const psLine = /^\s*(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)/;

/** As POSIX has it, and `lstart`, which macOS and the BSDs have. What ps does not tell is not known. */
export async function seeByPs(id: number): Promise<SeenProcess | undefined> {
  // The time would be told in another language, or after a journey in another time zone.
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' };
  const asked = run('ps', [...psColumns, '-p', String(id)], { env, timeout: psTimeoutMs });
  const told = await asked.then(
    ({ stdout }) => psLine.exec(stdout),
    () => undefined,
  );
  if (!told) return hasProcess(id) ? { id, args: [] } : undefined;
  const [, parentId, state = '', startedAt, command = ''] = told;
  if (state.startsWith('Z')) return undefined;
  return { id, startedAt, parentId: Number(parentId), args: command.split(' ') };
}
