// The folders a helper works in: made where they are missing, and named as they really are.
import { constants } from 'node:fs';
import { access, realpath } from 'node:fs/promises';
import { HelperError } from '../errors.js';
import { makeDirectory } from '../files/make-directory.js';
import type { ResolvedOptions } from './resolve-options.js';

export interface OpenDirectories {
  /** With the folders as they are really named. */
  readonly options: ResolvedOptions;
  /** Undefined: there is none that can be used, and nothing outlives the helper but content. */
  readonly stateDir: string | undefined;
  /** STATE_UNWRITABLE if there is none. */
  readonly warning?: HelperError;
}

/** Rejects with OPTION_INVALID for one that was asked for and cannot be had. */
export async function openDirectories(options: ResolvedOptions): Promise<OpenDirectories> {
  const { torrentDir, downloadDir, moveCompleted } = options;
  const opened = {
    ...options,
    torrentDir: await openDirectory('--torrent-dir', torrentDir),
    downloadDir: await openDirectory('--download-dir', downloadDir),
    moveCompleted: moveCompleted && (await openDirectory('--move-completed', moveCompleted)),
  };
  return { ...(await openStateDir(options)), options: opened };
}

async function openDirectory(option: string, path: string): Promise<string> {
  try {
    await makeDirectory(path);
    return await realpath(path);
  } catch (error) {
    throw invalid(option, path, error);
  }
}

async function openStateDir({
  stateDir,
  isStateDirGiven,
  session,
}: ResolvedOptions): Promise<Omit<OpenDirectories, 'options'>> {
  try {
    await makeDirectory(stateDir, 0o700);
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return { stateDir };
  } catch (error) {
    if (isStateDirGiven || session !== undefined) throw invalid('--state-dir', stateDir, error);
    const warning = new HelperError(
      'STATE_UNWRITABLE',
      `${stateDir} cannot be written (${reasonOf(error)}), so nothing is remembered for the next start; choose another --state-dir`,
      { cause: error },
    );
    return { stateDir: undefined, warning };
  }
}

function invalid(option: string, path: string, error: unknown): HelperError {
  return new HelperError(
    'OPTION_INVALID',
    `${option} ${path}: expected a folder, or a place to make one: ${reasonOf(error)}`,
    { cause: error },
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
