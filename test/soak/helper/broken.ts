// What breaks a promise.

/** A promise was broken, and has been complained of. */
export class Broken extends Error {}

/** Whether a line on stderr may not be there: nothing is done to the disks, and nobody else has the sessions. */
export function isWrong(line: string): boolean {
  return /bug: |: (DISK_\w+|FILES_EXHAUSTED|SESSION_\w+|STATE_UNWRITABLE|ENGINE_CRASH): /.test(
    line,
  );
}
