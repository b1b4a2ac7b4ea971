// The folders a helper works in: made where they are missing, and named as they really are.
import { constants } from 'node:fs';
import { access, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { HelperError } from '../errors.js';
import { closeDirectory, makeDirectory, makePrivateDirectory } from '../files/make-directory.js';
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
    await makePrivateDirectory(stateDir);
    // One that a user made and named is his to open to others; what is ours in it is not.
    if (!isStateDirGiven) await closeDirectory(stateDir);
    await access(stateDir, constants.R_OK | constants.W_OK | constants.X_OK);
    await closeStateFolders(stateDir);
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

/** Earlier versions made `resume` as open as any folder. The cache of compiled code sees to its own. */
async function closeStateFolders(stateDir: string): Promise<void> {
  const sessions = join(stateDir, 'sessions');
  for (const name of ['resume', 'made', 'sessions']) await closeDirectory(join(stateDir, name));
  for (const name of await readdir(sessions).catch(() => [])) {
    await closeDirectory(join(sessions, name));
    await closeDirectory(join(sessions, name, 'torrents'));
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
