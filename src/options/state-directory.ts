// Where a program keeps what should outlive it but is no setting: the XDG state directory, or what stands for it.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { env } from 'node:process';
import { HelperError } from '../errors.js';
import { makeDirectory } from '../files/make-directory.js';
import type { Settings } from './resolve-options.js';

const program = 'bittorrent-helper';

/** An absolute path, which need not exist yet. */
export function platformStateDir(): string {
  switch (platform()) {
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', program);
    case 'win32':
      return join(absolute(env.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local'), program);
    default:
      return join(absolute(env.XDG_STATE_HOME) ?? join(homedir(), '.local', 'state'), program);
  }
}

/** The XDG specification says that a relative path is to be ignored. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

export interface StateDir {
  /** Undefined: there is none that can be used, and nothing outlives the helper but content. */
  readonly dir: string | undefined;
  readonly trouble?: HelperError;
}

/** Makes the state directory. Rejects with OPTION_INVALID if it cannot be used though it was asked for. */
export async function openStateDir({
  stateDir,
  isStateDirGiven,
  session,
}: Settings): Promise<StateDir> {
  try {
    await makeDirectory(stateDir, 0o700);
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return { dir: stateDir };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (isStateDirGiven || session !== undefined) {
      throw new HelperError(
        'OPTION_INVALID',
        `--state-dir ${stateDir}: expected a folder, or a place to make one: ${reason}`,
        { cause: error },
      );
    }
    const trouble = new HelperError(
      'STATE_UNWRITABLE',
      `${stateDir} cannot be written (${reason}), so nothing is remembered for the next start; choose another --state-dir`,
      { cause: error },
    );
    return { dir: undefined, trouble };
  }
}
