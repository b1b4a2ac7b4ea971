// What the helper tells unasked, and what a client may tell it.
import Type, { type TSchema } from 'typebox';
import { dialectLimits } from '../../limits.js';
import { end, failure } from './failure.js';
import { description } from './helper.js';
import { jobKey, numbers, ofTorrent, state } from './job.js';
import { closed, count, infoHash, jobId, oneOf, orNull, text, unixMs } from './values.js';

interface NotificationSchema {
  /** In a sentence. */
  readonly summary: string;
  readonly params: TSchema;
}

const told = {
  seq: count('Counts up by one with each notification of this connection, from 1 on.'),
  timeMs: unixMs('When it happened, in Unix milliseconds.'),
};
const ofJob = { ...told, id: jobId, key: jobKey };

export const notifications = {
  'helper.ready': {
    summary: 'The first line of every connection.',
    params: description,
  },
  'helper.restored': {
    summary: 'Every job that the session brought back was told.',
    params: Type.Object({
      ...told,
      jobCount: count('So many came back.'),
      nextId: jobId,
    }),
  },
  'helper.warning': {
    summary:
      'Something that concerns no job alone, or that a line asked for and that could not be done.',
    params: Type.Object({ ...told, error: failure }),
  },
  'helper.stopping': {
    summary: 'The helper was told to stop.',
    params: Type.Object(told),
  },
  'job.known': {
    summary: 'The torrent of a job is known; of a job that a session brought back, too.',
    params: Type.Object({ ...ofJob, ...ofTorrent }),
  },
  'job.published': {
    summary: 'A seed was published: a tracker has accepted it.',
    params: Type.Object({
      ...ofJob,
      infoHash,
      magnetUri: text('Its magnet link.'),
      torrentFile: text('The `.torrent` file that was written, as an absolute path.'),
    }),
  },
  'job.state': {
    summary: 'A job came into another state.',
    params: Type.Object({
      ...ofJob,
      from: orNull(state, 'The state before; null: it has just begun.'),
      to: state,
      reason: Type.Optional(
        oneOf(['user', 'disk'], 'Why it pauses: its user said so, or the disk refuses.'),
      ),
    }),
  },
  'job.progress': {
    summary: 'What was measured of a job, when it has changed.',
    params: Type.Object({
      ...ofJob,
      ...numbers,
      coalesced: count('So many of these gave way to this one, as they were not read in time.'),
    }),
  },
  'job.done': {
    summary: 'A download is complete: every piece verified, and safe on disk.',
    params: Type.Object({
      ...ofJob,
      contentPath: text('Where its content lies, as an absolute path.'),
    }),
  },
  'job.moved': {
    summary: 'The content of a job lies elsewhere now.',
    params: Type.Object({
      ...ofJob,
      contentPath: text('Where its content lies, as an absolute path.'),
    }),
  },
  'job.verified': {
    summary: 'The content of a job was read again, as was asked.',
    params: Type.Object({
      ...ofJob,
      missingBytes: count('So many bytes are missing, and are fetched again.'),
    }),
  },
  'job.announced': {
    summary: 'A tracker has accepted a job since that was asked for.',
    params: Type.Object(ofJob),
  },
  'job.failed': {
    summary: 'A job failed for good.',
    params: Type.Object({ ...ofJob, error: failure }),
  },
  'job.ended': {
    summary: 'Nothing more comes of a job, and its key is free.',
    params: Type.Object({ ...ofJob, end }),
  },
  'job.warning': {
    summary: 'Something a person should know of; the job goes on.',
    params: Type.Object({ ...ofJob, error: failure }),
  },
  'tracker.changed': {
    summary: 'A tracker of a job answers otherwise than before.',
    params: Type.Object({
      ...ofJob,
      url: text('Its announce URL.'),
      state: oneOf(
        ['waiting', 'working', 'failing'],
        '`waiting` for its first answer, `working`, or `failing`.',
      ),
      error: Type.Optional(failure),
      seeders: Type.Optional(count('As the tracker says.')),
      leechers: Type.Optional(count('As the tracker says.')),
    }),
  },
  'events.lost': {
    summary: 'The last line to a watcher that reads too slowly.',
    params: Type.Object({ ...told, lost: count('So many lines were not told.') }),
  },
} as const satisfies Readonly<Record<string, NotificationSchema>>;

const names = Object.keys(notifications).filter((name) => !/^events\.|\.ready$/.test(name));

export const topics = Type.Enum(['*', 'job.*', 'tracker.*', 'helper.*', ...names], {
  title: 'Topic',
  description: 'The name of a notification, or of all that begin so.',
});

/** What a client sends without waiting for an answer. */
export const fromClient = {
  '$/cancel': {
    summary: 'A request that waits is not wanted any more: it answers -32800.',
    params: Type.Object(
      {
        id: Type.Union([
          Type.Number({ description: 'Of the request.' }),
          Type.String({ description: 'Of the request.', maxLength: dialectLimits.requestIdLength }),
        ]),
      },
      closed,
    ),
  },
} as const satisfies Readonly<Record<string, NotificationSchema>>;
