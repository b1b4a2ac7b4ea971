// The file of a recording, and the older one beside it. It is made anew each time and never opened if it is there already: so nothing
// that somebody put in its place is written to, be it a link, a device, or another's file.
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { HelperError, systemCode } from '../../errors.js';
import { diskErrorCode } from '../../files/disk-error-code.js';
import { openFlags } from '../../files/open-flags.js';
import { olderRecording, recordingStart } from './recording-lines.js';

export interface RecordingFile {
  /** Begins an empty file; the one of before becomes the older one, whose place is taken. */
  begin(): Promise<void>;
  /** Whether it still has its name; false: somebody moved it away. */
  isThere(): Promise<boolean>;
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/** All that it does rejects with RECORDING_EXISTS or RECORDING_UNWRITABLE. */
export function recordingFile(path: string): RecordingFile {
  let handle: FileHandle | undefined;
  const close = async () => {
    const closing = handle;
    handle = undefined;
    await closing?.close();
  };
  const withCode =
    <Args extends readonly unknown[], T>(task: (...args: Args) => Promise<T>) =>
    (...args: Args) =>
      task(...args).catch((error: unknown) => {
        throw error instanceof HelperError ? error : unwritable(path, error);
      });
  return {
    begin: withCode(async () => {
      await close();
      await clearPlace(path);
      handle = await open(path, openFlags.create, 0o600);
    }),
    isThere: withCode(async () => {
      const [ours, theirs] = await Promise.all([handle?.stat({ bigint: true }), statsAt(path)]);
      if (theirs === undefined) return false;
      if (ours?.ino === theirs.ino && ours.dev === theirs.dev) return true;
      throw new HelperError(
        'RECORDING_EXISTS',
        `the recording has ended: something else has taken the place of ${path}, perhaps another helper; each needs a file of its own`,
      );
    }),
    append: withCode(async (text: string) => {
      await handle?.appendFile(text);
    }),
    close: withCode(close),
  };
}

async function clearPlace(path: string): Promise<void> {
  const older = olderRecording(path);
  const [there, before] = await Promise.all([contentOf(path), contentOf(older)]);
  if (there === 'other') throw exists(path);
  if (before === 'other') throw exists(older);
  if (there === 'recording') await rename(path, older);
  if (there === 'empty') await rm(path);
}

function statsAt(path: string) {
  return lstat(path, { bigint: true }).catch((error) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** What lies there. A disk that was full may have cut a recording off in its first line. */
async function contentOf(path: string): Promise<'nothing' | 'empty' | 'recording' | 'other'> {
  const stats = await statsAt(path);
  if (stats === undefined) return 'nothing';
  // To open a device can do things.
  if (!stats.isFile()) return 'other';
  const file = await open(path, openFlags.read);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(recordingStart.length), {
      position: 0,
    });
    if (bytesRead === 0) return 'empty';
    const start = buffer.toString('latin1', 0, bytesRead);
    return recordingStart.startsWith(start) ? 'recording' : 'other';
  } finally {
    await file.close();
  }
}

function exists(path: string): HelperError {
  return new HelperError(
    'RECORDING_EXISTS',
    `${path} is no recording, so it is not written over; name another file`,
  );
}

function unwritable(path: string, error: unknown): HelperError {
  const why = error instanceof Error ? error.message : String(error);
  const what = `the recording ${path} cannot be written: ${diskErrorCode(error)}: ${why}`;
  return new HelperError('RECORDING_UNWRITABLE', what, { cause: error });
}
