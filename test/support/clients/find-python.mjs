// @ts-check
// Which Python has libtorrent. Plain JavaScript: the benchmark runs without a build.
import { spawnSync } from 'node:child_process';

/** The first python on the PATH need not be it. Undefined if there is none. */
export function findPython() {
  return ['python3', '/usr/bin/python3', '/usr/local/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import libtorrent']).status === 0,
  );
}
