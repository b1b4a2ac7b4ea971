import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeResumeData, encodeResumeData } from '../../../../src/storage/resume/resume-data.js';
import { scratchTorrent } from '../../../support/torrents/scratch-torrent.js';

const { metainfo } = scratchTorrent(100, [
  { path: 'a', lengthBytes: 130 },
  { path: 'sub/b', lengthBytes: 70 },
  { path: 'c', lengthBytes: 250 },
]);
const subject = { metainfo, contentPath: '/srv/downloads/scratch' };
const [a, b] = metainfo.files;
if (!a || !b) throw new Error('the torrent has three files');
const record = {
  pieces: Uint8Array.of(0b1100_1000),
  stamps: new Map([
    [a, { sizeBytes: 130, mtimeNs: 1_722_000_000_123_456_789n }],
    [b, { sizeBytes: 70, mtimeNs: -5n }],
  ]),
};
const text = Buffer.from(
  encodeResumeData(subject, record, new Date('2026-01-02T03:04:05Z')),
).toString();
const read = (json: string) => decodeResumeData(Buffer.from(json), subject);

describe('a resume record', () => {
  it('can be read by a person', () => {
    expect(JSON.parse(text)).toEqual({
      version: 1,
      infoHash: metainfo.infoHash,
      name: 'scratch',
      contentPath: '/srv/downloads/scratch',
      savedAt: '2026-01-02T03:04:05.000Z',
      pieceCount: 5,
      pieces: 'yA==',
      files: [
        { path: 'a', sizeBytes: '130', mtimeNs: '1722000000123456789' },
        { path: 'sub/b', sizeBytes: '70', mtimeNs: '-5' },
        null,
      ],
    });
  });

  it('is read back as it was', () => {
    expect(read(text)).toEqual(record);
  });

  const changed = (change: object) => JSON.stringify({ ...JSON.parse(text), ...change });

  it.each([
    ['empty', ''],
    ['zeroes', '\0'.repeat(500)],
    ['cut', text.slice(0, -5)],
    ['no object', 'null'],
    ['of another version', changed({ version: 2 })],
    ['of another torrent', changed({ infoHash: 'f'.repeat(40) })],
    ['of another folder', changed({ contentPath: '/srv/elsewhere' })],
    ['of another number of pieces', changed({ pieceCount: 6 })],
    ['of a piece too many', changed({ pieces: '/A==' })],
    ['of a longer bitfield', changed({ pieces: 'yAA=' })],
    ['of no bitfield', changed({ pieces: 7 })],
    ['of other than base64', changed({ pieces: 'y!==' })],
    ['of fewer files', changed({ files: [null, null] })],
    ['of no files', changed({ files: 'none' })],
    ['of a file that is none', changed({ files: [1, null, null] })],
    [
      'of a file that is too large',
      changed({ files: [{ sizeBytes: '131', mtimeNs: '1' }, null, null] }),
    ],
    [
      'of absurd numbers',
      changed({ files: [{ sizeBytes: '1', mtimeNs: '9'.repeat(99) }, null, null] }),
    ],
    ['of words for numbers', changed({ files: [{ sizeBytes: 'one', mtimeNs: '1' }, null, null] })],
  ])('is none if it is %s', (_, damaged) => {
    expect(read(damaged)).toBeUndefined();
  });

  it('of whatever bytes neither throws nor holds more than there can be', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ maxLength: 4 }), (at, put) => {
        const found = read(text.slice(0, at) + put + text.slice(at + put.length));
        expect(found?.pieces.length ?? 1).toBe(1);
      }),
    );
  });
});
