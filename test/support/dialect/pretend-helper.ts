// A helper of the library's shape that touches neither disk nor network, whatever it is asked for: what it publishes is
// published at once, and what it downloads is known and never done.
import type { Change, JobState, Publication } from '../../../machines/types.js';
import { createDeferred, type Deferred } from '../../../src/async/deferred.js';
import { HelperError } from '../../../src/errors.js';
import { createEventQueue } from '../../../src/helper/events/event-queue.js';
import type { HelperEvent } from '../../../src/helper/events/helper-event.js';
import type { Helper, JobOptions } from '../../../src/helper/helper.js';
import type { Job } from '../../../src/helper/jobs/job.js';
import { helperStats, nothingMoved } from '../../../src/helper/stats/helper-stats.js';
import { jobStats } from '../../../src/helper/stats/job-stats.js';
import { parseInstruction } from '../../../src/protocol/instruction-line.js';

type Told = HelperEvent extends infer E ? (E extends unknown ? Omit<E, 'timeMs'> : never) : never;

const infoHash = '0123456789abcdef0123456789abcdef01234567';
const magnetUri = `magnet:?xt=urn:btih:${infoHash}`;
const nothing = async function* (): AsyncGenerator<never> {};

export function pretendHelper(): Helper {
  const jobs = new Map<number, Job>();
  const endings = new Map<number, Deferred<void>>();
  let nextId = 1;
  let isOver = false;
  const events = createEventQueue<HelperEvent>({ onDone: () => {} });
  const tell = (told: Told) => events.push({ timeMs: 1_790_000_000_000, ...told });

  const begin = (kind: 'seed' | 'download', file: string, { key }: JobOptions = {}): Job => {
    if (isOver) throw new HelperError('CLOSED', 'the helper is closed');
    const id = nextId;
    nextId += 1;
    let state: JobState = kind === 'seed' ? 'seeding' : 'downloading';
    const become = (to: JobState) => {
      if (to === state) return;
      const from = state;
      state = to;
      tell({ type: 'job.state', id, key, from, to });
    };
    const ended = createDeferred<void>();
    ended.promise.catch(() => {});
    const publication: Publication = { infoHash, magnetUri, torrentFile: '/t' };
    const percent = kind === 'seed' ? 100 : 0;
    const facts = {
      kind,
      file,
      name: file,
      infoHash,
      magnetUri,
      contentPath: '/c',
      lengthBytes: 1,
    };
    const torrent = { pieceLengthBytes: 16_384, pieceCount: 1, fileCount: 1, isPrivate: false };
    const job: Job = {
      ...{ id, key, ...facts, ...torrent, percent, files: [], error: undefined },
      ...{ addedMs: 1, doneMs: kind === 'seed' ? 2 : undefined },
      torrentFile: kind === 'seed' ? '/t' : undefined,
      get state() {
        return state;
      },
      published: Promise.resolve(publication),
      done: new Promise(() => {}),
      stats: jobStats({ id, key, percent, lengthBytes: 1 }),
      statsChanges: nothing,
      swarmChanges: nothing,
      changes: nothing,
      pause: async () => become('paused'),
      resume: async () => become('seeding'),
      async move(dir) {
        tell({ type: 'job.moved', id, key, contentPath: dir });
      },
      async verify() {
        throw new HelperError('CONTENT_CHANGED', `job ${id} (${file}) is not what it was`);
      },
      // For as long as the job lives.
      announce: () => ended.promise,
      async remove() {
        if (!jobs.delete(id)) throw new HelperError('REMOVED', 'it was removed before');
        become('removed');
        ended.reject(new HelperError('REMOVED', 'it was removed'));
        tell({ type: 'job.ended', id, key, end: 'removed' });
      },
    };
    jobs.set(id, job);
    endings.set(id, ended);
    tell({ type: 'job.known', id, key, ...facts, ...torrent });
    if (kind === 'seed') tell({ type: 'job.published', id, key, ...publication });
    return job;
  };
  const byKey = (key: string) => [...jobs.values()].find((job) => job.key === key);
  const close = async () => {
    isOver = true;
    tell({ type: 'helper.stopping' });
    for (const { id, key } of jobs.values()) tell({ type: 'job.ended', id, key, end: 'stopped' });
    jobs.clear();
    for (const ended of endings.values()) ended.reject(new HelperError('CLOSED', 'it was closed'));
    events.close();
  };

  return {
    peerPort: 50_000,
    announce: [['http://127.0.0.1:6969/announce']],
    get jobs() {
      return [...jobs.values()];
    },
    get nextId() {
      return nextId;
    },
    get stats() {
      return helperStats(jobs.values(), nothingMoved);
    },
    job: (id) => jobs.get(id),
    jobByKey: byKey,
    seed: (path, options) => byKey(options?.key ?? '') ?? begin('seed', path, options),
    download: (source, options) =>
      byKey(options?.key ?? '') ??
      begin('download', typeof source === 'string' ? source : 'metainfo', options),
    send(line) {
      const read =
        typeof line === 'string' ? { kind: 'text' as const, text: line, ended: true } : line;
      const instruction = parseInstruction(read);
      if (instruction === undefined) return undefined;
      if (instruction.kind === 'seed' || instruction.kind === 'download') {
        return begin(instruction.kind, instruction.given);
      }
      const error = new HelperError('INSTRUCTION_INVALID', 'that is nothing here');
      const { code, message, retryable, help } = error;
      tell({ type: 'helper.warning', error: { code, message, retryable, help } });
      return undefined;
    },
    end: () => {},
    changes: (): AsyncIterable<Change> => nothing(),
    statsChanges: nothing,
    events: () => events,
    restored: Promise.resolve({ jobCount: 0, nextId: 1 }),
    stopped: Promise.resolve({ failed: 0, unfinished: 0 }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
