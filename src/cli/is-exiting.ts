// Whether a process is on its way out. A killed parent closes its end of our stdin a moment before we get another
// parent, and in between only this tells the two kinds of end apart: "nothing follows" and "nobody is there".
import { readFileSync } from 'node:fs';

/** PF_EXITING of the kernel's include/linux/sched.h, in the ninth field of /proc/PID/stat (proc(5)). */
const exitingFlag = 0x4;

/** False where there is no /proc: the change of the parent is then all there is to see. */
export function isExiting(processId: number): boolean {
  const stat = readStat(processId);
  // The second field is the name, in parentheses, and may hold anything.
  const [state, , , , , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' || (Number(flags) & exitingFlag) !== 0;
}

function readStat(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/stat`, 'utf8');
  } catch {
    return '';
  }
}
