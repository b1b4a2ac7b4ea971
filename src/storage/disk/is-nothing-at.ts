// Whether paths are free, asked about all at once: as a rule they are, and then nothing of what may lie there need be read.
import { lstat } from 'node:fs';
import { systemCode } from '../../errors.js';
import { smallFiles } from '../../files/thread/small-files.js';

/** False as well where one may not look: whoever reads then is told why. */
export async function isNothingAt(paths: readonly string[]): Promise<boolean> {
  const inPool = async () => {
    const free = await Promise.all(paths.map(isFree));
    return free.every(Boolean);
  };
  return smallFiles.run({ kind: 'look', paths }, inPool, ({ kind }) => kind === 'nothing');
}

function isFree(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    lstat(path, (error) => resolve(systemCode(error) === 'ENOENT'));
  });
}
