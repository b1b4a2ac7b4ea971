// Recordings of an inspector, which may come from anybody: bytes to lines to records. Whatever they are, what a page is told of is
// whole: each record in its shape and with the next number, on a line of its own, and no actor its own parent's parent.
import { CollectedRecords } from '../../../src/inspection/recording/collect-records.js';
import { parseRecordingLine } from '../../../src/inspection/recording/parse-recording-line.js';
import { readLines } from '../../../src/stdio/read-lines.js';
import {
  header,
  made,
  recordingText,
  state,
  took,
} from '../../support/inspection/sample-recording.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';
import { jsonTokens } from './session-files.js';

const tokens = [
  ...jsonTokens,
  ...['"type":"actor"', '"type":"transition"', '"type":"lost"', '"type":"actors"', '"seq":'],
  ...['"actor":', '"parent":', '"active"', '"changed":{}', '\n', '\r', '\\u2028', '['],
];

export const recordings: Target = {
  name: 'recordings',
  about: 'recordings of an inspector',
  samples: () =>
    [
      recordingText(header, made(1, 1), made(2, 2, 1), took(3, 2, 'a'), {
        type: 'ended',
        timeMs: 9,
      }),
      recordingText(
        { ...header, nextSeq: 5 },
        { type: 'actors', actors: [state(1, 'a'), state(2, 'b')] },
        took(5, 1, 'b'),
        { type: 'lost', records: 3 },
        { type: 'actors', actors: [state(2, 'c'), state(3, 'd')] },
        took(9, 3, 'e'),
      ),
    ].map((text) => Buffer.from(text)),
  mutate: mutateBytes(tokens),
  open: pure(async (bytes) => {
    const records = new CollectedRecords();
    for await (const line of readLines(inOneChunk(bytes), 64 * 1024)) {
      if (line.kind === 'unsupported') break;
      records.take(line.kind === 'text' ? parseRecordingLine(line.text) : undefined);
    }
    records.end();
    const parents = new Map<number, number | undefined>();
    for (const { actor, parent } of records.before) parents.set(actor, parent);
    records.jsons.forEach((json, index) => {
      const record = parseRecordingLine(json);
      const isRecord = record?.type === 'actor' || record?.type === 'transition';
      check(isRecord, () => `no record: ${json}`);
      check(record.seq === records.firstSeq + index, () => `not in its order: ${json}`);
      check(!/[\r\n]/.test(json), () => `more than a line: ${JSON.stringify(json)}`);
      if (record.type === 'actor') parents.set(record.actor, record.parent);
      check(hasEnd(parents, record.actor), () => `a circle of parents: ${json}`);
    });
  }),
};

function hasEnd(parents: ReadonlyMap<number, number | undefined>, actor: number): boolean {
  let each: number | undefined = actor;
  for (let count = 0; count <= parents.size + 1; count += 1) {
    if (each === undefined) return true;
    each = parents.get(each);
  }
  return false;
}

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
