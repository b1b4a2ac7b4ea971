// Where compiled code is cached: a folder of its own in the state directory.
import { join, resolve } from 'node:path';
import { platformStateDir } from '../options/state-directory.js';

export function codeFolder(stateDir: string): string {
  return join(stateDir, 'code');
}

/** As the arguments will be understood, before anything is loaded that understands them: the last one counts. */
export function stateDirOf(args: readonly string[]): string {
  const option = '--state-dir';
  const asked = args.flatMap((arg, index) => {
    if (arg.startsWith(`${option}=`)) return [arg.slice(option.length + 1)];
    return args[index - 1] === option ? [arg] : [];
  });
  return resolve(asked.at(-1) || platformStateDir());
}
