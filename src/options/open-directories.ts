// The folders a helper works in: made where they are missing, and named as they really are.
import { realpath } from 'node:fs/promises';
import { HelperError } from '../errors.js';
import { makeDirectory } from '../files/make-directory.js';
import type { Settings } from './resolve-options.js';

/** Rejects with OPTION_INVALID for one that cannot be had. */
export async function openDirectories(settings: Settings): Promise<Settings> {
  const { torrentDir, downloadDir, moveCompleted } = settings;
  return {
    ...settings,
    torrentDir: await openDirectory('--torrent-dir', torrentDir),
    downloadDir: await openDirectory('--download-dir', downloadDir),
    moveCompleted:
      moveCompleted === undefined
        ? undefined
        : await openDirectory('--move-completed', moveCompleted),
  };
}

async function openDirectory(option: string, path: string): Promise<string> {
  try {
    await makeDirectory(path);
    return await realpath(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HelperError(
      'OPTION_INVALID',
      `${option} ${path}: expected a folder, or a place to make one: ${reason}`,
      { cause: error },
    );
  }
}
