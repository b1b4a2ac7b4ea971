// The methods of the dialect: what each takes, and what it answers.
import Type, { type TSchema } from 'typebox';
import { dialectLimits } from '../../limits.js';
import { description, stats } from './helper.js';
import { job, jobs, state } from './job.js';
import { topics } from './notifications.js';
import {
  base64,
  closed,
  count,
  durationMs,
  jobId,
  key,
  list,
  oneOf,
  orNull,
  path,
  text,
} from './values.js';

interface MethodSchema {
  /** In a sentence. */
  readonly summary: string;
  /** Whether it changes what the helper does; a connection without the capability `control` may not call it. */
  readonly changes: boolean;
  readonly params: TSchema;
  readonly result: TSchema;
}

const nothing = Type.Object({}, { description: 'It is so.' });
const none = Type.Object({}, closed);
const ofJob = Type.Object({ id: jobId }, closed);

const created = Type.Object(
  {
    id: jobId,
    created: Type.Boolean({
      description: 'False: the key was known, and this is the job that has it.',
    }),
  },
  { title: 'Created' },
);

const choices = {
  key: Type.Optional(key),
  dir: Type.Optional(
    path('The folder that its content is to lie in, instead of the download directory.'),
  ),
  paused: Type.Optional(
    Type.Boolean({ description: 'It begins paused: nothing is fetched before `job.resume`.' }),
  ),
};

const subscription = count('The number of a subscription.');

export const methods = {
  'job.publish': {
    summary: 'Makes a torrent of a file or folder, publishes it, and seeds it from where it lies.',
    changes: true,
    params: Type.Object({ path: path('The file or folder.'), key: Type.Optional(key) }, closed),
    result: created,
  },
  'job.fetch': {
    summary: 'Downloads a torrent, and then seeds it.',
    changes: true,
    params: Type.Union([
      Type.Object(
        {
          source: path('The URL or path of a `.torrent` file, a magnet link, or an info hash.'),
          ...choices,
        },
        closed,
      ),
      Type.Object({ metainfo: base64('A `.torrent` file, in base64.'), ...choices }, closed),
    ]),
    result: created,
  },
  'job.wait': {
    summary:
      'Answers when the job has come so far; a job that fails, or ends before, is the error.',
    changes: false,
    params: Type.Object(
      {
        id: jobId,
        until: oneOf(
          ['known', 'published', 'done', 'ended'],
          '`known`: its torrent is. `published`: its own torrent is. `done`: a download is complete and safe on disk, a seed published. `ended`: nothing more comes of it.',
        ),
        timeoutMs: Type.Optional(
          durationMs('Then it is the error WAIT_TIMEOUT.', 0, dialectLimits.waitMs),
        ),
      },
      closed,
    ),
    result: job,
  },
  'job.get': {
    summary: 'What is known of a job that lives, or of one of the last 1,000 that ended.',
    changes: false,
    params: ofJob,
    result: job,
  },
  'job.list': {
    summary: 'The live jobs, by id, a page at a time; a page of 1 MiB ends sooner.',
    changes: false,
    params: Type.Object(
      {
        states: Type.Optional(list(state, 'Those in one of these states alone.', 20)),
        after: Type.Optional(count('Those with a higher id alone: `next` of the page before.')),
        limit: Type.Optional(
          Type.Integer({
            description: 'So many at most; 100 if it is left out.',
            minimum: 1,
            maximum: dialectLimits.jobsPerPage,
          }),
        ),
      },
      closed,
    ),
    result: Type.Object({
      jobs,
      next: orNull(jobId, 'What `after` is for the next page; null: there is none.'),
    }),
  },
  'job.pause': {
    summary: 'Stops all transfer of the job. Answers when it is so.',
    changes: true,
    params: ofJob,
    result: nothing,
  },
  'job.resume': {
    summary: 'Goes on with a job that was paused.',
    changes: true,
    params: ofJob,
    result: nothing,
  },
  'job.move': {
    summary: 'Moves the content of a job. Answers when it lies there.',
    changes: true,
    params: Type.Object({ id: jobId, dir: path('The folder that it is to lie in.') }, closed),
    result: nothing,
  },
  'job.verify': {
    summary:
      'Reads the content again. Answers when all is checked; a download fetches what is not right.',
    changes: true,
    params: ofJob,
    result: nothing,
  },
  'job.announce': {
    summary: 'Asks the trackers of a job for peers now. Answers when one has accepted.',
    changes: true,
    params: ofJob,
    result: nothing,
  },
  'job.remove': {
    summary: 'Forgets the job. Answers when its files are let go of.',
    changes: true,
    params: Type.Object(
      {
        id: jobId,
        data: Type.Optional(Type.Boolean({ description: 'What was downloaded is deleted, too.' })),
      },
      closed,
    ),
    result: nothing,
  },
  'helper.describe': {
    summary: 'What `helper.ready` says, as it is now.',
    changes: false,
    params: none,
    result: description,
  },
  'helper.stats': { summary: 'Totals of all jobs.', changes: false, params: none, result: stats },
  'helper.quit': {
    summary: 'Stops gracefully, as `quit:` and SIGTERM do. Answers at once.',
    changes: true,
    params: Type.Object(
      {
        deadlineMs: Type.Optional(
          durationMs('It takes no longer than that, whatever blocks; 5 s at most.', 0, 5_000),
        ),
      },
      closed,
    ),
    result: nothing,
  },
  'events.listen': {
    summary:
      'Subscribes this connection to events. The first takes the place of what is told without asking.',
    changes: false,
    params: Type.Object(
      {
        topics: Type.Optional(
          list(topics, 'What to tell of; all of `job.*` and `helper.*` if it is left out.', 100),
        ),
        ids: Type.Optional(list(jobId, 'Of these jobs alone.', dialectLimits.jobsPerSubscription)),
        everyMs: Type.Optional(
          durationMs(
            'How often `job.progress` may come of one job; 1000 if it is left out.',
            dialectLimits.leastEveryMs,
            dialectLimits.mostEveryMs,
          ),
        ),
      },
      closed,
    ),
    result: Type.Object({ subscription }),
  },
  'events.stop': {
    summary: 'Ends a subscription; 0 is what is told without asking.',
    changes: false,
    params: Type.Object({ subscription }, closed),
    result: nothing,
  },
  'rpc.discover': {
    summary: 'The OpenRPC document of this dialect.',
    changes: false,
    params: none,
    result: Type.Object({ openrpc: text('The version of OpenRPC.') }),
  },
} as const satisfies Readonly<Record<string, MethodSchema>>;
