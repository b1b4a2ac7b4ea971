// The helper as a whole: how it introduces itself, and its totals.
import Type from 'typebox';
import { states } from './job.js';
import {
  bytes,
  bytesPerSecond,
  count,
  durationMs,
  jobId,
  list,
  orNull,
  port,
  text,
} from './values.js';

/** What a client may ask for before it relies on it: by these names, never by a version. */
export const capabilities = {
  control: 'This connection may change what the helper does. Without it, it may only read.',
  instructions: 'Lines of the line protocol are taken, too.',
  keys: '`key` is taken.',
  session: 'Jobs and their keys outlive the process.',
  progress: 'Rates, peers and times are measured, and told by `job.progress`.',
  trackers: '`tracker.changed` is told.',
  verify: '`job.verify` is there.',
  announce: '`job.announce` is there.',
  'fetch.metainfo': '`job.fetch` takes `metainfo`.',
  'fetch.dir': '`job.fetch` takes `dir`.',
  'fetch.paused': '`job.fetch` takes `paused`.',
} as const;

export const limits = Type.Object(
  {
    maxLineBytes: bytes('A longer line in is refused as a whole.'),
    maxWaitingRequests: count('Beyond so many that wait for their answer, nothing is read.'),
    maxJobsPerPage: count('`job.list` gives so many at most.'),
    minEveryMs: durationMs('`events.listen` takes nothing quicker.', 0, Number.MAX_SAFE_INTEGER),
    maxKeyLength: count('A key has so many characters at most.'),
  },
  { title: 'Limits', description: 'What this helper takes.' },
);

export const description = Type.Object(
  {
    protocol: text('The version of the dialect: clients go by its first number.'),
    version: text('Of the program.'),
    pid: count('Of its process.'),
    capabilities: list(text('A name.'), 'What this helper can do, and this connection may.'),
    limits,
    peerPort: orNull(port('A port.'), 'Where peers connect; null before it is open.'),
    announce: list(
      list(text('A URL.'), 'A tier.'),
      'What torrents made here announce to, by tier (BEP 12).',
    ),
    nextId: jobId,
    session: orNull(text('A name.'), 'The name of its session.'),
  },
  { title: 'Description', description: 'How a helper introduces itself.' },
);

const ofState = Object.fromEntries(states.map((name) => [name, count(`Jobs that are ${name}.`)]));

export const stats = Type.Object(
  {
    jobs: Type.Object(ofState, { description: 'How many live jobs there are of each state.' }),
    bytesDone: bytes('Verified, of all live jobs.'),
    downBytesPerSecond: bytesPerSecond('Of content received.'),
    upBytesPerSecond: bytesPerSecond('Of content sent.'),
    bytesDown: bytes('Of content received since the helper began.'),
    bytesUp: bytes('Of content sent since the helper began.'),
    bytesWasted: bytes('Received in vain.'),
    peers: count('Peers connected, each once a torrent.'),
  },
  { title: 'Stats', description: 'Totals of all jobs.' },
);
