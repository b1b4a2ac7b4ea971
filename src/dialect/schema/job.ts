// A job, and the numbers that are measured of it.
import Type from 'typebox';
import { failure } from './failure.js';
import {
  bytes,
  bytesPerSecond,
  count,
  infoHash,
  jobId,
  key,
  list,
  oneOf,
  orNull,
  percent,
  seconds,
  text,
  unixMs,
} from './values.js';

export const states = [
  ...['queued', 'making', 'writing', 'fetching', 'registering', 'checking', 'downloading'],
  ...['seeding', 'recovering', 'moving', 'paused', 'failed', 'removed'],
] as const;

export const state = Type.Enum([...states], {
  title: 'JobState',
  description: 'Where a job stands.',
});

export const jobKey = orNull(key, 'The parent’s own name for the job; null if it has none.');

export const numbers = {
  percent: orNull(
    percent('Whole percents verified.'),
    'Whole percents verified; null before the first are known.',
  ),
  bytesTotal: orNull(
    bytes('Of the content.'),
    'Of the content; null while its torrent is not known.',
  ),
  bytesDone: bytes('Verified, and written.'),
  downBytesPerSecond: bytesPerSecond('Of content received; smoothed, and 0 when nothing comes.'),
  upBytesPerSecond: bytesPerSecond('Of content sent; smoothed, and 0 when nothing goes.'),
  bytesDown: bytes('Of content received.'),
  bytesUp: bytes('Of content sent.'),
  bytesWasted: bytes('Received in vain: bad, twice, or not asked for.'),
  peers: count('Peers connected.'),
  seeds: count('Peers connected that have everything.'),
  etaSeconds: orNull(
    seconds('Until it is complete.'),
    'Until it is complete; null when that cannot be said.',
  ),
};

export const progressNumbers = Type.Object(numbers, {
  title: 'Progress',
  description: 'What was measured of a job last: all zero until somebody listens.',
});

/** What is said when its torrent becomes known, and ever after. */
export const ofTorrent = {
  kind: oneOf(
    ['seed', 'download', 'invalid'],
    'What it is for; `invalid`: an instruction that began like a job, and is none.',
  ),
  file: text(
    'How the lines name it: the path as given, or the name of its torrent, or its source as given.',
  ),
  name: orNull(text('A name.'), 'The name of its torrent.'),
  infoHash: orNull(infoHash, 'The info hash of its torrent.'),
  magnetUri: orNull(text('A magnet link.'), 'The magnet link of its torrent.'),
  contentPath: orNull(text('A path.'), 'Where its content lies, as an absolute path.'),
  lengthBytes: orNull(bytes('Of the content.'), 'The length of its content.'),
  pieceLengthBytes: orNull(bytes('Of a piece.'), 'The length of a piece.'),
  pieceCount: orNull(count('Pieces.'), 'How many pieces there are.'),
  files: orNull(count('Files.'), 'How many files there are.'),
  private: orNull(
    Type.Boolean({ description: 'It is.' }),
    'Whether its torrent is private (BEP 27).',
  ),
};

export const job = Type.Object(
  {
    id: jobId,
    key: jobKey,
    state,
    ...ofTorrent,
    torrentFile: orNull(
      text('A path.'),
      'The `.torrent` file that was written, as an absolute path.',
    ),
    percent: numbers.percent,
    progress: progressNumbers,
    error: orNull(failure, 'Why it failed; null if it has not.'),
    addedMs: unixMs('When it was asked for, in Unix milliseconds.'),
    doneMs: orNull(unixMs('A time.'), 'When it was complete, or published, in Unix milliseconds.'),
  },
  {
    title: 'Job',
    description: 'All that is known of a job. What is not known is null: never -1, never left out.',
  },
);

export const jobs = list(job, 'Jobs, by id.');
