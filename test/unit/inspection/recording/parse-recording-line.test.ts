import { describe, expect, it } from 'vitest';
import { parseRecordingLine } from '../../../../src/inspection/recording/parse-recording-line.js';
import { header, made, state, took } from '../../../support/inspection/sample-recording.js';

const parse = (line: unknown) => parseRecordingLine(JSON.stringify(line));

const good = [
  header,
  made(1, 1),
  { ...made(2, 2, 1), machine: undefined, value: undefined, status: 'done' },
  { ...took(3, 2, 'a'), from: 1, times: 12, result: { code: 'DISK_FULL' }, status: 'error' },
  {
    type: 'actors',
    actors: [state(1, 'a'), { ...state(2, 'b'), event: { type: 'told', at: [1] } }],
  },
  { type: 'lost', records: 3 },
  { type: 'ended', timeMs: 1_000 },
];

/** An array in an array in an array, so many times. */
const deep = (depth: number): unknown => (depth === 0 ? [] : [deep(depth - 1)]);

describe('a line of a recording', () => {
  it.each(good)('is read as it was written: $type', (line) => {
    expect(parse(line)).toEqual(line);
  });

  it('loses what it should not have', () => {
    const line = `{"__proto__":{"status":"done"},"more":1,${JSON.stringify(took(3, 2, 'a')).slice(1)}`;
    expect(JSON.stringify(parseRecordingLine(line))).toBe(JSON.stringify(took(3, 2, 'a')));
  });

  it.each([
    ...['', '{', 'null', '[]', '"transition"', '{}', '{"type":"toString"}'],
    ...['['.repeat(500_000), `{"type":"lost","records":${'['.repeat(1_000)}${']'.repeat(1_000)}}`],
  ])('is none: %.40s', (text) => {
    expect(parseRecordingLine(text)).toBeUndefined();
  });

  it.each([
    { ...header, version: '1.0.0; rm' },
    { ...header, format: '1' },
    { ...header, beganMs: 1e300 },
    { ...made(1, 1), seq: 0 },
    { ...made(1, 1), seq: 1.5 },
    { ...made(1, 1), timeMs: null },
    { ...made(1, 1), actor: -1 },
    { ...made(1, 1), id: 'x'.repeat(2_000) },
    { ...made(1, 1), parent: '1' },
    { ...made(1, 1), context: [] },
    { ...made(1, 1), context: { a: deep(20) } },
    { ...made(1, 1), value: { a: 1 } },
    { ...made(1, 1), status: 'ok' },
    { ...took(1, 1, 'a'), event: { text: 'a' } },
    { ...took(1, 1, 'a'), taken: 'all' },
    { ...took(1, 1, 'a'), taken: [1] },
    { ...took(1, 1, 'a'), times: -1 },
    { ...took(1, 1, 'a'), changed: undefined },
    { type: 'actors', actors: [state(1, 'a'), {}] },
    { type: 'actors', actors: {} },
    { type: 'ended' },
  ])('is none where a field is of another kind: %j', (line) => {
    expect(parse(line)).toBeUndefined();
  });
});
