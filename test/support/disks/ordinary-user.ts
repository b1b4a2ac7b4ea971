// Somebody whom permissions keep out, even where the tests run as root.
import { spawnSync } from 'node:child_process';

export const isRoot = process.geteuid?.() === 0;
export const nobody = 65_534;

/**
 * For spawn: as an ordinary user, where the tests run as root and that user may run this Node and read the program, which may
 * lie in a folder of root's alone.
 */
export function ordinaryUser(program: string): { uid?: number; gid?: number } {
  const user = { uid: nobody, gid: nobody };
  const look = ['--eval', `fs.accessSync(${JSON.stringify(program)})`];
  if (!isRoot) return {};
  return spawnSync(process.execPath, look, { ...user, cwd: '/' }).status === 0 ? user : {};
}

/** Runs `task` as an ordinary user. */
export async function asOrdinaryUser<T>(task: () => Promise<T>): Promise<T> {
  if (!isRoot || !process.seteuid) return task();
  process.seteuid(nobody);
  try {
    return await task();
  } finally {
    process.seteuid(0);
  }
}
