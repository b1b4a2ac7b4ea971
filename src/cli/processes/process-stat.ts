// What the kernel tells of a process in /proc/PID/stat (proc(5)). Nothing where there is no /proc, or none for us.
import { readFileSync } from 'node:fs';

export interface ProcessStat {
  readonly parentId: number;
  /** It has ended, or is about to; a dead one stays until its parent has asked how it went. */
  readonly isExiting: boolean;
  /** Its terminal is another's: its user has put it aside, by `&` or `bg`. */
  readonly isInBackground: boolean;
  /** In ticks since the start of the machine: who has another one is another process. */
  readonly startedAt: string;
}

/** PF_EXITING of the kernel's include/linux/sched.h, in the ninth field. */
const exitingFlag = 0x4;

export function readStat(processId: number): ProcessStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the name, in parentheses, and may hold anything; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parentId, group, , , groupInFront, flags] = fields;
  return {
    parentId: Number(parentId),
    isExiting: state === 'Z' || state === 'X' || (Number(flags) & exitingFlag) !== 0,
    isInBackground: Number(groupInFront) > 0 && group !== groupInFront,
    startedAt: fields[19] ?? '',
  };
}

/**
 * Whether a process is on its way out; false where there is no /proc. A killed parent closes its end of our stdin a moment
 * before we get another parent, and in between only this tells "nothing follows" and "nobody is there" apart.
 */
export function isExiting(processId: number): boolean {
  return readStat(processId)?.isExiting ?? false;
}
