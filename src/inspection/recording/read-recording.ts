// Opens a recording, so that the inspector's page can be told of it as of a helper that runs. It may come from anybody: it is data,
// read once, in bounded memory, and what is no record is left out and counted.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { HelperError, systemCode } from '../../errors.js';
import { openFlags } from '../../files/open-flags.js';
import { recordingLimits } from '../../limits.js';
import { readLines } from '../../stdio/read-lines.js';
import type { InspectedRecords } from '../told/readable-records.js';
import { CollectedRecords } from './collect-records.js';
import { parseRecordingLine } from './parse-recording-line.js';
import {
  olderRecording,
  type RecordingHeader,
  type RecordingLine,
  recordingFormat,
} from './recording-lines.js';

interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly readBytes?: number | undefined;
}

interface OpenFile {
  readonly header: RecordingHeader;
  readonly isCut: boolean;
  lines(): AsyncIterable<RecordingLine | undefined>;
  close(): Promise<void>;
}

/**
 * With the older one beside it, if that is of the same helper. Rejects with RECORDING_UNREADABLE, and with the signal's reason.
 *
 * @param readBytes of each of the two files, 128 MiB if left out; the rest is left out, and that is said
 */
export async function readRecording(
  path: string,
  { signal, readBytes = recordingLimits.readBytes }: ReadOptions = {},
): Promise<InspectedRecords> {
  const newer = await openFile(path, readBytes);
  const beside = await openFile(olderRecording(path), readBytes).catch(() => undefined);
  const older = beside && isSameHelper(beside.header, newer.header) ? beside : undefined;
  const records = new CollectedRecords();
  try {
    for (const file of [older, newer]) {
      for await (const line of file?.lines() ?? []) {
        signal?.throwIfAborted();
        records.take(line);
        if (records.isFull) break;
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, error);
  } finally {
    await Promise.allSettled([newer.close(), beside?.close()]);
  }
  records.end();
  const isCut = newer.isCut || records.isFull || Boolean(older?.isCut);
  const notes = notesOn(records, isCut);
  const { version, pid, beganMs } = newer.header;
  const { jsons, firstSeq, before } = records;
  return {
    source: { kind: 'recording', version, pid, file: basename(path), beganMs, notes },
    firstSeq,
    nextSeq: firstSeq + jsons.length,
    actorsBefore: () => before,
    read(seq, mostCharacters) {
      if (seq < firstSeq) return undefined;
      const from = seq - firstSeq;
      let to = from;
      for (let length = 0; to < jsons.length; to += 1) {
        length += jsons[to]?.length ?? 0;
        if (to > from && length > mostCharacters) break;
      }
      return jsons.slice(from, to);
    },
    onRecords: () => () => {},
  };
}

async function openFile(path: string, readBytes: number): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    // To open a device can do things.
    if (!(await stat(path)).isFile()) throw new Error('it is no regular file');
    handle = await open(path, openFlags.readThroughLinks);
    const { size } = await handle.stat();
    const head = await handle.read(Buffer.alloc(mostHeaderBytes), { position: 0 });
    const [first = ''] = head.buffer.toString('utf8', 0, head.bytesRead).split('\n');
    const header = parseRecordingLine(first);
    if (header?.type !== 'recording') throw new Error('it is no recording of an inspector');
    const { format, version } = header;
    if (format !== recordingFormat) {
      const fitting = `npx bittorrent-helper@${version} inspect ${path}`;
      throw new Error(`its format is ${format}; ${fitting} reads it`);
    }
    const opened = handle;
    return {
      header,
      isCut: size > readBytes,
      lines: () => linesOf(opened, readBytes),
      close: () => opened.close(),
    };
  } catch (error) {
    await handle?.close();
    throw unreadable(path, error);
  }
}

const mostHeaderBytes = 1_024;

async function* linesOf(
  handle: FileHandle,
  readBytes: number,
): AsyncGenerator<RecordingLine | undefined> {
  const end = readBytes - 1;
  const input = handle.createReadStream({
    start: 0,
    end,
    highWaterMark: 2 ** 18,
    autoClose: false,
  });
  for await (const line of readLines(input, recordingLimits.lineBytes)) {
    // A helper that was killed has left its last line as it was.
    if (line.kind === 'text' && !line.ended) return;
    yield line.kind === 'text' ? parseRecordingLine(line.text) : undefined;
  }
}

function isSameHelper(one: RecordingHeader, other: RecordingHeader): boolean {
  return one.version === other.version && one.pid === other.pid && one.beganMs === other.beganMs;
}

/** What its reader should know. */
function notesOn(
  { missing, unreadable, hasEnded }: CollectedRecords,
  isCut: boolean,
): readonly string[] {
  const notes: string[] = [];
  if (!hasEnded) notes.push('it breaks off: the helper was killed, or goes on');
  if (missing > 0) notes.push(`${missing} records are missing, which the disk was too slow for`);
  if (unreadable > 0) notes.push(`${unreadable} lines could not be read, and are left out`);
  if (isCut) notes.push('it is longer than any that is written, and only its beginning is shown');
  return notes;
}

function unreadable(path: string, error: unknown): HelperError {
  const why = error instanceof Error ? error.message : String(error);
  const what = systemCode(error) === 'ENOENT' ? 'there is nothing at that path' : why;
  return new HelperError('RECORDING_UNREADABLE', `${path} cannot be opened: ${what}`, {
    cause: error,
  });
}
