// Writes an inspection down while it goes on. It keeps a place in it and asks for more when the disk has taken what it had; so a slow
// disk costs no memory, but records, and those are counted. A disk that fails ends the recording, and nothing else.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { coalesce } from '../../async/coalesce.js';
import { forEachInSlices } from '../../async/slices.js';
import { withTimeout } from '../../async/with-timeout.js';
import { type HelperError, toHelperError } from '../../errors.js';
import { recordingLimits } from '../../limits.js';
import type { Inspection } from '../observe/inspection.js';
import { type ActorState, actorAfter } from '../told/actor-state.js';
import type { InspectionSource } from '../told/page-messages.js';
import type { InspectionRecord } from '../told/records.js';
import { type RecordingFile, recordingFile } from './recording-file.js';
import { type RecordingLine, recordingFormat } from './recording-lines.js';
import { homeDirectories, withoutHome } from './without-home.js';

export interface RecordingOptions {
  /** Told once, when it cannot be written any more: RECORDING_UNWRITABLE or RECORDING_EXISTS. The helper goes on. */
  readonly onStopped?: ((error: HelperError) => void) | undefined;
  /** When another file begins; 32 MiB if left out. */
  readonly fileBytes?: number | undefined;
  readonly file?: RecordingFile | undefined;
}

export interface OpenRecording {
  /** Writes what there is to be written, and that it has ended, unless the disk takes too long. Never rejects. */
  close(): Promise<void>;
}

/** So much is given to the disk at once, in characters. */
const chunkCharacters = 256 * 1024;
/** So many are looked at before the helper goes on with its work. */
const recordsATurn = 1_000;
/** What a disk gets that does not answer, before the helper ends without it. */
const closeMs = 2_000;

/** Rejects with RECORDING_EXISTS if something else lies at `path` or beside it, and with RECORDING_UNWRITABLE. */
export async function openRecording(
  inspection: Inspection,
  source: InspectionSource,
  path: string,
  {
    onStopped,
    fileBytes = recordingLimits.fileBytes,
    file = recordingFile(path),
  }: RecordingOptions = {},
): Promise<OpenRecording> {
  const toWritten = withoutHome(await homeDirectories());
  let seq = inspection.firstSeq;
  let written = 0;
  let isStopped = false;

  const append = async (lines: Iterable<string>) => {
    for (const text of chunksOf(lines, toWritten)) {
      await file.append(text);
      written += Buffer.byteLength(text);
    }
  };
  /** What follows can be understood by whoever reads no more than this. */
  const appendActors = async () => {
    const lost = Math.max(0, inspection.firstSeq - seq);
    seq += lost;
    const actors = await actorsAt(inspection, seq);
    if (lost > 0) await append([toLine({ type: 'lost', records: lost })]);
    await append(linesOf(actors));
  };
  const begin = async () => {
    const { version, pid, beganMs } = source;
    await file.begin();
    const format = recordingFormat;
    const nextSeq = seq;
    await append([toLine({ type: 'recording', format, version, pid, beganMs, nextSeq })]);
    await appendActors();
    // Not counted, so that there is room for something new, however many actors there are.
    written = 0;
  };
  const appendRecords = async () => {
    if (written >= fileBytes || !(await file.isThere())) await begin();
    const found = inspection.read(seq, chunkCharacters);
    if (found === undefined) return appendActors();
    seq += found.length;
    return append(found);
  };
  const flush = coalesce(async () => {
    const { nextSeq } = inspection;
    try {
      while (!isStopped && seq < nextSeq) await appendRecords();
    } catch (error) {
      stop(error);
    }
  });
  const stop = (error: unknown) => {
    isStopped = true;
    forget();
    file.close().catch(() => {});
    onStopped?.(toHelperError(error));
  };

  await begin().catch(async (error) => {
    await file.close().catch(() => {}); // what went wrong first is what counts
    throw error;
  });
  const forget = inspection.onRecords(() => void flush());
  void flush();
  const end = async () => {
    // What happened in this turn is told at its end.
    await nextTurn();
    await flush();
    if (isStopped) return;
    await append([toLine({ type: 'ended', timeMs: Date.now() })]);
    await file.close();
  };
  return {
    async close() {
      forget();
      // Nobody is left to hear of what goes wrong now.
      await withTimeout(
        closeMs,
        end().catch(() => {}),
      );
      isStopped = true;
    },
  };
}

/** The actors that live as they were before the record `seq`, which is remembered, or the next. */
async function actorsAt(inspection: Inspection, seq: number): Promise<Iterable<ActorState>> {
  const { firstSeq } = inspection;
  const actors = new Map(inspection.actorsBefore().map((state) => [state.actor, state]));
  const known = inspection.read(firstSeq, Number.POSITIVE_INFINITY) ?? [];
  await forEachInSlices(recordsATurn, known.slice(0, seq - firstSeq), (json) => {
    const record: InspectionRecord = JSON.parse(json);
    const state = actorAfter(actors.get(record.actor), record);
    if (state?.status === 'active') actors.set(state.actor, state);
    else actors.delete(record.actor);
  });
  return actors.values();
}

function* linesOf(actors: Iterable<ActorState>): Iterable<string> {
  for (const actor of actors) yield toLine({ type: 'actors', actors: [actor] });
}

function toLine(line: RecordingLine): string {
  return JSON.stringify(line);
}

function* chunksOf(lines: Iterable<string>, toWritten: (json: string) => string): Iterable<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${toWritten(line)}\n`;
    if (chunk.length < chunkCharacters) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
