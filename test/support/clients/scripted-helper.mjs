// A helper for tests of clients: it speaks the dialect, and does nothing but that. A job goes its way at once; what its path or
// source holds bends it: `wait` (stays as it is after it has begun), `fail`, `refuse`, and `kill`, which ends the helper when
// it is asked for the first time: the file FILE that `--died FILE` names says whether it was.
//
//     node scripted-helper.mjs --json [--session NAME] [--died FILE] [--log FILE] [--version MAJOR]
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {Record<string, any>} Fields
 * @typedef {object} Script
 * @property {(message: object) => void} write
 * @property {(code: number | 'SIGKILL') => void} exit
 * @property {string | null} [session]
 * @property {string} [died]
 * @property {string} [version]
 * @property {readonly Fields[]} [jobs] those of before, which a session brings back
 */

const infoHash = 'a'.repeat(40);

/** @param {Script} script */
export function createScriptedHelper({
  write,
  exit,
  session = null,
  died,
  version = '1.0',
  jobs: restored = [],
}) {
  /** @type {Map<number, Fields>} */
  const jobs = new Map(restored.map((job) => [job.id, { ...job }]));
  /** Those that have ended: what became of them is still told to who asks. */
  const ended = new Map();
  /** @type {Map<number, Fields>} */
  const subscriptions = new Map();
  /** @type {Map<number, (error: string) => void>} */
  const waiting = new Map();
  let nextId = Math.max(0, ...jobs.keys()) + 1;
  let seq = 0;
  let lastSubscription = 0;

  const say = (message) => write({ jsonrpc: '2.0', ...message });
  const tell = (method, params) => {
    seq += 1;
    say({ method, params: { seq, timeMs: 1_000 + seq, ...params } });
  };
  const answer = (id, result = {}) => say({ id, result });
  const refuse = (id, code, message, number = -32_000) =>
    say({
      id,
      error: {
        code: number,
        message,
        ...(number === -32_000 && { data: { code, retryable: false, help: 'Do something else.' } }),
      },
    });
  const of = ({ id, key }) => ({ id, key });
  const to = (job, state, reason) => {
    const from = job.state;
    job.state = state;
    tell('job.state', { ...of(job), from, to: state, ...(reason && { reason }) });
  };
  const end = (job, how) => {
    jobs.delete(job.id);
    ended.set(job.id, job);
    tell('job.ended', { ...of(job), end: how });
  };
  const measure = (job, percent) => {
    job.percent = percent;
    const listens = [...subscriptions.values()].some(
      ({ topics, ids }) =>
        (topics ?? ['job.*']).some((topic) => topic === 'job.progress' || topic === 'job.*') &&
        (ids === undefined || ids.includes(job.id)),
    );
    if (!listens) return;
    tell('job.progress', {
      ...of(job),
      percent,
      bytesTotal: 1_000,
      bytesDone: percent * 10,
      bytesDown: percent * 10,
      bytesUp: 0,
      bytesWasted: 0,
      downBytesPerSecond: 100,
      upBytesPerSecond: 0,
      peers: 1,
      seeds: 1,
      etaSeconds: 5,
      coalesced: 0,
    });
  };
  const go = (job) => {
    const given = job.given;
    if (given.includes('fail')) {
      const error = {
        code: 'HTTP_STATUS',
        message: `${given} answered 404`,
        retryable: false,
        help: 'Look whether the URL is right.',
      };
      job.error = error;
      to(job, 'failed');
      tell('job.failed', { ...of(job), error });
      end(job, 'failed');
      return;
    }
    const name = given.split('/').at(-1) ?? given;
    Object.assign(job, {
      name,
      infoHash,
      magnetUri: `magnet:?xt=urn:btih:${infoHash}`,
      contentPath: `/content/${name}`,
      lengthBytes: 1_000,
      pieceLengthBytes: 100,
      pieceCount: 10,
      files: 1,
      private: true,
    });
    if (job.kind === 'download') job.file = name;
    tell('job.known', torrentOf(job));
    if (job.state === 'paused') return;
    to(job, job.kind === 'seed' ? 'registering' : 'downloading');
    if (!given.includes('wait')) complete(job);
  };
  const complete = (job) => {
    if (job.kind === 'download') {
      for (const percent of [0, 50]) measure(job, percent);
      job.doneMs = 2_000;
      job.percent = 100;
      to(job, 'seeding');
      tell('job.done', { ...of(job), contentPath: job.contentPath });
      return;
    }
    job.doneMs = 2_000;
    job.percent = 100;
    job.torrentFile = `/torrents/${job.name}.torrent`;
    to(job, 'seeding');
    const { torrentFile, magnetUri } = job;
    tell('job.published', { ...of(job), infoHash, magnetUri, torrentFile });
  };

  const begin = (id, kind, given, params) => {
    if (given.includes('kill') && died && !existsSync(died)) {
      writeFileSync(died, '');
      exit('SIGKILL');
      return;
    }
    if (given.includes('refuse')) {
      refuse(id, 'INSTRUCTION_INVALID', `${given} is none`);
      return;
    }
    const key = params.key ?? null;
    const other = [...jobs.values()].find((job) => key !== null && job.key === key);
    if (other) {
      if (other.given === given) answer(id, { id: other.id, created: false });
      else refuse(id, 'KEY_TAKEN', `the key ${key} is taken`);
      return;
    }
    const job = newJob(nextId, kind, given, key);
    if (params.paused) job.state = 'paused';
    jobs.set(nextId, job);
    nextId += 1;
    answer(id, { id: job.id, created: true });
    tell('job.state', { ...of(job), from: null, to: job.state });
    go(job);
  };

  /** @type {Record<string, (id: number, params: Fields) => void>} */
  const methods = {
    'job.publish': (id, params) => begin(id, 'seed', params.path, params),
    'job.fetch': (id, params) => begin(id, 'download', params.source ?? 'metainfo', params),
    'job.get': (id, params) => {
      const over = ended.get(params.id);
      if (over) answer(id, shown(over));
      else withJob(id, params, (job) => answer(id, shown(job)));
    },
    'job.list': (id, { after = 0, limit = 100 }) => {
      const all = [...jobs.values()].filter((job) => job.id > after);
      const page = all.slice(0, limit);
      answer(id, { jobs: page.map(shown), next: all.length > limit ? page.at(-1)?.id : null });
    },
    'job.wait': (id, params) =>
      withJob(id, params, (job) => {
        if (job.percent === 100) answer(id, shown(job));
        else waiting.set(id, () => {});
      }),
    'job.pause': (id, params) =>
      withJob(id, params, (job) => {
        to(job, 'paused', 'user');
        answer(id);
      }),
    'job.resume': (id, params) =>
      withJob(id, params, (job) => {
        to(job, job.kind === 'seed' ? 'seeding' : 'downloading');
        answer(id);
        if (job.percent !== 100) complete(job);
      }),
    'job.move': (id, params) =>
      withJob(id, params, (job) => {
        job.contentPath = `${params.dir}/${job.name}`;
        tell('job.moved', { ...of(job), contentPath: job.contentPath });
        answer(id);
      }),
    'job.verify': (id, params) => withJob(id, params, () => answer(id)),
    'job.announce': (id, params) =>
      withJob(id, params, () => refuse(id, 'TRACKER_UNREACHABLE', 'no tracker answers')),
    'job.remove': (id, params) =>
      withJob(id, params, (job) => {
        to(job, 'removed');
        end(job, 'removed');
        answer(id);
      }),
    'helper.describe': (id) => answer(id, description()),
    'helper.stats': (id) =>
      answer(id, {
        jobs: { seeding: jobs.size },
        bytesDone: 7,
        downBytesPerSecond: 0,
        upBytesPerSecond: 0,
        bytesDown: 0,
        bytesUp: 0,
        bytesWasted: 0,
        peers: 3,
      }),
    'helper.quit': (id) => {
      answer(id);
      tell('helper.stopping', {});
      exit(0);
    },
    'events.listen': (id, params) => {
      lastSubscription += 1;
      subscriptions.set(lastSubscription, params);
      answer(id, { subscription: lastSubscription });
    },
    'events.stop': (id, params) => {
      subscriptions.delete(params.subscription);
      answer(id);
    },
    // Not of the dialect: what a test has happen.
    'test.complete': (id, params) =>
      withJob(id, params, (job) => {
        complete(job);
        answer(id);
      }),
    'test.measure': (id, params) =>
      withJob(id, params, (job) => {
        measure(job, params.percent);
        answer(id);
      }),
    'test.release': (id, params) =>
      withJob(id, params, (job) => {
        end(job, 'released');
        answer(id);
      }),
    // As a helper that is busy may: the answer first.
    'test.tell': (id, params) => {
      answer(id);
      for (const { method, ...told } of params.told) tell(method, told);
    },
    'test.exit': (_id, params) => exit(params.code),
    'test.subscriptions': (id) => answer(id, { subscriptions: [...subscriptions.values()] }),
  };

  const withJob = (id, params, use) => {
    const job = jobs.get(params.id);
    if (job) use(job);
    else refuse(id, 'JOB_UNKNOWN', `there is no job ${params.id}`);
  };
  const description = () => ({
    protocol: version,
    version: '0.0.0',
    pid: process.pid,
    capabilities: ['control', 'keys'],
    limits: { maxLineBytes: 2 ** 20 },
    peerPort: 50_211,
    announce: [['http://127.0.0.1:6969/announce']],
    nextId,
    session,
  });

  return {
    begin() {
      say({ method: 'helper.ready', params: description() });
      if (session === null) return;
      for (const job of jobs.values()) {
        tell('job.state', { ...of(job), from: null, to: job.state });
        tell('job.known', torrentOf(job));
      }
      tell('helper.restored', { jobCount: jobs.size, nextId });
    },
    /** @param {string} line */
    hear(line) {
      const { id, method, params = {} } = JSON.parse(line);
      if (method === '$/cancel') {
        if (waiting.delete(params.id)) refuse(params.id, '', 'cancelled', -32_800);
        return;
      }
      const carryOut = methods[method];
      if (carryOut) carryOut(id, params);
      else refuse(id, '', 'there is no such method', -32_601);
    },
    get jobs() {
      return [...jobs.values()];
    },
  };
}

/** @returns {Fields} */
export function newJob(id, kind, given, key) {
  return {
    ...{ id, key, kind, given, file: given, state: kind === 'seed' ? 'making' : 'fetching' },
    ...{ name: null, infoHash: null, magnetUri: null, torrentFile: null, contentPath: null },
    ...{ lengthBytes: null, pieceLengthBytes: null, pieceCount: null, files: null, private: null },
    ...{ percent: null, error: null, addedMs: 1_000, doneMs: null },
  };
}

/** @param {Fields} job */
function torrentOf({ id, key, kind, file, name, infoHash: hash, magnetUri, contentPath, ...rest }) {
  const { lengthBytes, pieceLengthBytes, pieceCount, files, private: isPrivate } = rest;
  return {
    ...{ id, key, kind, file, name, infoHash: hash, magnetUri, contentPath },
    ...{ lengthBytes, pieceLengthBytes, pieceCount, files, private: isPrivate },
  };
}

/** @param {Fields} job */
function shown({ given: _, ...job }) {
  return job;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const option = (name) => {
    const index = process.argv.indexOf(`--${name}`);
    return index < 0 ? undefined : process.argv[index + 1];
  };
  const log = option('log');
  const helper = createScriptedHelper({
    write: (message) => process.stdout.write(`${JSON.stringify(message)}\n`),
    exit(code) {
      if (code === 'SIGKILL') process.kill(process.pid, 'SIGKILL');
      else process.exit(code);
    },
    session: option('session') ?? null,
    died: option('died'),
    version: option('version'),
  });
  let rest = '';
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (text) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (log) appendFileSync(log, `${line}\n`);
      helper.hear(line);
    }
  });
  process.stdin.on('end', () => process.exit(0));
  helper.begin();
}
