// What a session left on disk, after whatever became of the disk: job files, the session's own file, the backlog. Each
// is refused by a FileFlaw, or says what can be written, and read back, again.
import { isAbsolute } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FileFlaw } from '../../../src/files/versioned-json.js';
import { MetainfoBytes } from '../../../src/metainfo/metainfo-bytes.js';
import { encodeBacklog, readBacklog } from '../../../src/session/backlog.js';
import {
  encodeJob,
  idInName,
  jobFileName,
  readJob,
  type SavedJob,
} from '../../../src/session/job-file.js';
import { encodeSession, readSession } from '../../../src/session/session-file.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { alsoSealed } from '../mutate/sealed-json.js';
import { check, pure, type Target } from '../target.js';

const job: SavedJob = {
  id: 7,
  instruction: { kind: 'download', given: 'magnet:?xt=\ud800\n"' },
  isPaused: true,
  infoHash: 'ab'.repeat(20),
  contentPath: '/srv/a b',
};

const chosen: SavedJob = {
  ...job,
  instruction: {
    ...{ kind: 'download', given: 'metainfo:ab', key: 'mine', dir: '/srv/own', paused: true },
    metainfo: MetainfoBytes.at('/session/job-7.torrent', 'ab'.repeat(32)),
  },
  ...{ addedMs: 1, doneMs: 2 },
};

export const jsonTokens = [
  ...['null', 'true', '{}', '[]', '-1', '0', '1e400', '1.5', '9007199254740993', '999999999999999'],
  ...[
    '"\\ud800"',
    '"__proto__":',
    '"version":',
    '1',
    '2',
    '""',
    '"\\u0000"',
    '\xef\xbb\xbf',
    '\xff',
  ],
];

export const sessionFiles: Target = {
  name: 'session-files',
  about: 'the files of a session',
  samples: () =>
    [
      encodeJob(job),
      encodeJob(chosen),
      encodeJob({ id: 1, instruction: { kind: 'seed', given: '/srv/x' }, isPaused: false }),
      encodeSession({ lastId: 12, ports: { peerPort: 6881, trackerPort: 6969 } }),
      encodeSession({ lastId: 0, ports: {} }),
      encodeBacklog({ jobs: [job], ended: [1, 2] }),
    ].map((bytes) => Buffer.from(bytes)),
  mutate: mutateBytes(jsonTokens),
  open: pure((bytes) => {
    for (const each of alsoSealed(bytes)) checkFile(each);
  }),
};

function checkFile(bytes: Uint8Array): void {
  for (const id of [1, 7]) {
    const read = readOr(() => readJob(bytes, id, '/session'));
    if (read !== undefined) checkJob(read);
  }
  const backlog = readOr(() => readBacklog(bytes, '/session'));
  for (const each of backlog?.jobs ?? []) checkJob(each);
  const state = readOr(() => readSession(bytes));
  if (state === undefined) return;
  const again = readSession(encodeSession(state));
  check(JSON.stringify(again) === JSON.stringify(state), () => 'another session');
  // The job that comes next must be found again.
  const id = state.lastId + 1;
  check(idInName(jobFileName(id))?.id === id, () => 'no job can come after the last id');
}

function checkJob(read: SavedJob): void {
  const { id, contentPath = '/' } = read;
  check(
    isDeepStrictEqual(readJob(encodeJob(read), id, '/session'), read),
    () => 'a job reads back as another',
  );
  check(idInName(jobFileName(id))?.id === id, () => 'a file is not found by its name');
  check(isAbsolute(contentPath), () => 'a path is not absolute');
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof FileFlaw)) throw thrown;
    return undefined;
  }
}
