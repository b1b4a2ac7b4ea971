import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeChecked } from '../../../../src/files/versioned-json.js';
import { decodeResumeData, encodeResumeData } from '../../../../src/storage/resume/resume-data.js';
import { madeUpStamp } from '../../../support/disks/made-up-stamp.js';
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
    [a, { ...madeUpStamp(130, 1_722_000_000_123_456_789n, 4_611_686_018_427_387_905n) }],
    [b, { ...madeUpStamp(70, -5n), device: 66_305n, birthNs: -6n }],
  ]),
};
const bytes = Buffer.from(
  await encodeResumeData(subject, record, new Date('2026-01-02T03:04:05Z')),
);
const text = bytes.toString();
const read = (json: string | Uint8Array) => decodeResumeData(Buffer.from(json), subject);

/** As helpers wrote it before there were checksums. */
const ofVersion1 = `{
  "version": 1,
  "infoHash": "${metainfo.infoHash}",
  "name": "scratch",
  "contentPath": "/srv/downloads/scratch",
  "savedAt": "2026-01-02T03:04:05.000Z",
  "pieceCount": 5,
  "pieces": "yA==",
  "files": [
    {
      "path": "a",
      "sizeBytes": "130",
      "mtimeNs": "1722000000123456789"
    },
    {
      "path": "sub/b",
      "sizeBytes": "70",
      "mtimeNs": "-5"
    },
    null
  ]
}
`;

describe('a resume record', () => {
  it('can be read by a person', () => {
    expect(JSON.parse(text)).toEqual({
      version: 2,
      infoHash: metainfo.infoHash,
      name: 'scratch',
      contentPath: '/srv/downloads/scratch',
      savedAt: '2026-01-02T03:04:05.000Z',
      pieceCount: 5,
      pieces: 'yA==',
      files: [
        {
          path: 'a',
          sizeBytes: '130',
          mtimeNs: '1722000000123456789',
          ctimeNs: '1722000000123456789',
          device: '1',
          inode: '4611686018427387905',
          birthNs: '0',
        },
        {
          path: 'sub/b',
          sizeBytes: '70',
          mtimeNs: '-5',
          ctimeNs: '-5',
          device: '66305',
          inode: '1',
          birthNs: '-6',
        },
        null,
      ],
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('is read back as it was, but for the number of names', () => {
    expect(read(text)).toEqual({
      ...record,
      stamps: new Map([...record.stamps].map(([file, { linkCount, ...stamp }]) => [file, stamp])),
    });
  });

  it('is none with one bit flipped, wherever that is', () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(read(flipped), `bit ${bit}`).toBeUndefined();
    }
  });

  it('of version 1 is read as far as it goes', () => {
    expect(read(ofVersion1)).toEqual({
      pieces: record.pieces,
      stamps: new Map([
        [a, { sizeBytes: 130, mtimeNs: 1_722_000_000_123_456_789n }],
        [b, { sizeBytes: 70, mtimeNs: -5n }],
      ]),
    });
  });

  /** What somebody wrote who knows how: with the checksum that it should have. */
  const changed = (change: object) => {
    const { version, checksum, ...fields } = JSON.parse(text);
    return encodeChecked(version, { ...fields, ...change });
  };
  const ofVersion = (version: number) => {
    const { checksum, ...fields } = JSON.parse(text);
    return encodeChecked(version, { ...fields, version });
  };

  it('is read with the checksum that it should have', () => {
    expect(read(changed({ savedAt: 'whenever' }))).toEqual(read(text));
  });

  it.each([
    ['empty', ''],
    ['zeroes', '\0'.repeat(500)],
    ['cut', text.slice(0, -5)],
    ['no object', 'null'],
    ['of a newer version', ofVersion(3)],
    ['of no version that ever was', ofVersion(0)],
    ['of version 2 without a checksum', text.replace(/,\n {2}"checksum": .*/, '')],
    [
      'of version 2 with another checksum',
      text.replace(/"checksum": ".*"/, `"checksum": "${'0'.repeat(64)}"`),
    ],
    ['changed by hand', text.replace('"yA=="', '"+A=="')],
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
