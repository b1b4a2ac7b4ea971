// What is written down of a download, after whatever became of the disk: records and journals. Each is passed over, or
// speaks of pieces that there are.
import { isDeepStrictEqual } from 'node:util';
import { encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { parseInfo } from '../../../src/metainfo/parse/parse-metainfo.js';
import { parseJournal } from '../../../src/storage/resume/piece-journal.js';
import {
  decodeResumeData,
  type ResumeData,
  resumeDataParts,
} from '../../../src/storage/resume/resume-data.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { alsoSealed } from '../mutate/sealed-json.js';
import { check, pure, type Target } from '../target.js';
import { jsonTokens } from './session-files.js';

const metainfo = parseInfo(
  encodeBencode({
    files: [
      { length: 100_000, path: ['a'] },
      { length: 7, path: ['b', 'c'] },
    ],
    name: 'folder',
    'piece length': 16_384,
    pieces: 'h'.repeat(140),
  }),
  [],
  'here',
);
const subject = { metainfo, contentPath: '/srv/folder' };
const stamps = new Map(
  metainfo.files.map((file, nth) => [
    file,
    {
      sizeBytes: file.lengthBytes,
      mtimeNs: 1_700_000_000n,
      ctimeNs: 1_700_000_001n,
      device: 66n,
      inode: BigInt(nth),
      birthNs: 1_600_000_000n,
    },
  ]),
);
const savedAt = new Date(0);

export const resumeRecords: Target = {
  name: 'resume-records',
  about: 'records and journals of downloads',
  samples: () => [
    encode(subject, { pieces: Uint8Array.of(0b1010_0010), stamps }, savedAt),
    encode(subject, { pieces: Uint8Array.of(0), stamps: new Map() }, savedAt),
    ofVersion1(encode(subject, { pieces: Uint8Array.of(0b1010_0010), stamps }, savedAt)),
    Buffer.from('0\n3\n6\n'),
    Buffer.from('1\nunconfirmed\n'),
    Buffer.from('made 1 66 1234 1600000000\n6\n'),
  ],
  mutate: mutateBytes([
    ...jsonTokens,
    '"oA=="',
    '"//8="',
    '"/w=="',
    'unconfirmed\n',
    'made ',
    '7\n',
    '6\n',
  ]),
  open: pure((bytes) => {
    const text = Buffer.from(bytes).toString();
    for (const each of alsoSealed(bytes)) checkRecord(decodeResumeData(each, subject));
    const journal = parseJournal(text, 0n, metainfo);
    for (const index of journal?.pieces ?? []) {
      check(index >= 0 && index < metainfo.pieceCount, () => 'a journal names no piece of ours');
    }
    for (const index of journal?.made.keys() ?? []) {
      check(metainfo.files[index] !== undefined, () => 'a journal names no file of ours');
    }
  }),
};

function encode(...args: Parameters<typeof resumeDataParts>): Uint8Array {
  return Buffer.concat([...resumeDataParts(...args)]);
}

function checkRecord(record: ResumeData | undefined): void {
  if (record === undefined) return;
  check((record.pieces[0] ?? 0) % 2 === 0, () => 'there is no eighth piece');
  const again = decodeResumeData(encode(subject, record, savedAt), subject);
  check(isDeepStrictEqual(again, record), () => 'a record reads back as another');
  for (const { sizeBytes } of record.stamps.values()) {
    check(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, () => `a size of ${sizeBytes}`);
  }
}

/** As it was before there were checksums. */
function ofVersion1(bytes: Uint8Array): Uint8Array {
  const { checksum, ...fields } = JSON.parse(Buffer.from(bytes).toString());
  return Buffer.from(JSON.stringify({ ...fields, version: 1 }, undefined, 2));
}
