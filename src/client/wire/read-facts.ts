// A job as the dialect tells of it, with undefined for what is not known, as everywhere in the library.
import type { JobKind, JobState } from '../../../machines/types.js';
import { HelperError } from '../../errors.js';
import type { JobFacts } from '../../helper/events/helper-event.js';
import { readEventError } from './read-error.js';
import { areFields, type Fields, flagIn, numberIn, textIn, wordIn } from './read-fields.js';

export interface RemoteFacts extends JobFacts {
  readonly state: JobState;
  readonly percent: number | undefined;
  readonly torrentFile: string | undefined;
  readonly error: HelperError | undefined;
  readonly addedMs: number | undefined;
  readonly doneMs: number | undefined;
}

const kinds = ['seed', 'download', 'invalid'] as const satisfies readonly JobKind[];

const states = [
  ...(['queued', 'making', 'writing', 'fetching', 'registering', 'checking'] as const),
  ...(['downloading', 'seeding', 'recovering', 'moving', 'paused', 'failed', 'removed'] as const),
] as const satisfies readonly JobState[];

export const stateIn = (fields: Fields, name: string): JobState | undefined =>
  wordIn(fields, name, states);

export function readTorrentFacts(fields: Fields): JobFacts {
  const text = (name: string) => textIn(fields, name);
  const number = (name: string) => numberIn(fields, name);
  return {
    kind: wordIn(fields, 'kind', kinds) ?? 'download',
    file: text('file') ?? '',
    name: text('name'),
    infoHash: text('infoHash'),
    magnetUri: text('magnetUri'),
    contentPath: text('contentPath'),
    lengthBytes: number('lengthBytes'),
    pieceLengthBytes: number('pieceLengthBytes'),
    pieceCount: number('pieceCount'),
    fileCount: number('files'),
    isPrivate: flagIn(fields, 'private'),
  };
}

/** A whole job, as `job.get` answers it. */
export function readFacts(fields: Fields): RemoteFacts {
  return {
    ...readTorrentFacts(fields),
    state: stateIn(fields, 'state') ?? 'queued',
    percent: numberIn(fields, 'percent'),
    torrentFile: textIn(fields, 'torrentFile'),
    error: errorIn(fields),
    addedMs: numberIn(fields, 'addedMs'),
    doneMs: numberIn(fields, 'doneMs'),
  };
}

/** Of a job that nobody has told of yet. */
export function newFacts(kind: JobKind, file: string): RemoteFacts {
  const state = kind === 'seed' ? 'making' : 'fetching';
  return readFacts({ kind, file, state });
}

function errorIn({ error }: Fields): HelperError | undefined {
  if (!areFields(error)) return undefined;
  const { code, message } = readEventError(error);
  return new HelperError(code, message);
}
