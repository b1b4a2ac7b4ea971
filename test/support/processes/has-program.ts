// Whether a program is there that a test would like to ask, and not every machine has.
import { spawnSync } from 'node:child_process';

export function hasProgram(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}
