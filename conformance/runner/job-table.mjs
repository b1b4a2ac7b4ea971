// The jobs of a scripted helper: what a transcript has it say of them, remembered, so that it can answer what a client asks
// beside. A client may find out how a job stands by events, by `job.get`, or by `job.wait`.

export function createJobTable() {
  /** @type {Map<number, Record<string, any>>} */
  const jobs = new Map();
  /** @type {Set<{ request: any, reply: (message: object) => void }>} */
  const waiting = new Set();
  let subscriptions = 0;

  const change = (id, facts) => {
    jobs.set(id, { ...(jobs.get(id) ?? newJob(id)), ...facts });
    for (const each of waiting) if (settle(each)) waiting.delete(each);
  };
  const settle = ({ request: { params }, reply }) => {
    const job = jobs.get(params.id);
    if (job.error) reply({ error: { code: -32000, message: job.error.message, data: job.error } });
    else if (hasCome(job, params.until)) reply({ result: facts(job) });
    else return false;
    return true;
  };
  const answers = {
    'job.get': ({ id }) => (jobs.has(id) ? { result: facts(jobs.get(id)) } : unknownJob),
    'job.list': ({ after = 0 }) => ({
      result: {
        jobs: [...jobs.values()].filter(({ id, end }) => id > after && !end).map(facts),
        next: null,
      },
    }),
    'events.listen': () => {
      subscriptions += 1;
      return { result: { subscription: subscriptions } };
    },
    'events.stop': () => ({ result: {} }),
  };

  return {
    /** A request was answered so: with a job, if it asked for one. */
    onResult({ method, params }, { id }) {
      if (method !== 'job.publish' && method !== 'job.fetch') return;
      const kind = method === 'job.publish' ? 'seed' : 'download';
      change(id, {
        key: params.key ?? null,
        kind,
        file: params.path ?? params.source ?? 'metainfo',
      });
    },
    onNotification({ method, params }) {
      const { seq: _, timeMs: _time, id, key: _key, ...told } = params;
      if (method === 'job.known') change(id, told);
      if (method === 'job.state') change(id, { state: told.to });
      if (method === 'job.published' || method === 'job.done') {
        change(id, { ...told, state: 'seeding', percent: 100, doneMs: params.timeMs });
      }
      if (method === 'job.failed') change(id, { error: told.error, state: 'failed' });
      if (method === 'job.ended') change(id, { end: told.end });
      if (method === 'job.progress') change(id, { percent: told.percent });
    },
    /** Answers what a transcript need not speak of; false: it must. */
    answer(request, reply) {
      if (request.method === 'job.wait' && jobs.has(request.params.id)) {
        const waiter = { request, reply };
        if (!settle(waiter)) waiting.add(waiter);
        return true;
      }
      if (!Object.hasOwn(answers, request.method)) return false;
      reply(answers[request.method](request.params ?? {}));
      return true;
    },
  };
}

const unknownJob = {
  error: {
    code: -32000,
    message: 'there is no such job',
    data: { code: 'JOB_UNKNOWN', retryable: false, help: 'List the jobs.' },
  },
};

function hasCome({ name, torrentFile, percent, end }, until) {
  return {
    known: name !== null,
    published: torrentFile !== null,
    done: percent === 100,
    ended: end,
  }[until];
}

function facts({ end: _, ...job }) {
  return job;
}

function newJob(id) {
  const unknown = [
    'name',
    'infoHash',
    'magnetUri',
    'torrentFile',
    'contentPath',
    'lengthBytes',
    'pieceLengthBytes',
    'pieceCount',
    'files',
    'private',
    'percent',
    'error',
    'doneMs',
  ];
  const zero = [
    'bytesDone',
    'downBytesPerSecond',
    'upBytesPerSecond',
    'bytesDown',
    'bytesUp',
    'bytesWasted',
    'peers',
    'seeds',
  ];
  return {
    id,
    state: 'registering',
    ...Object.fromEntries(unknown.map((name) => [name, null])),
    addedMs: 1_790_000_000_000,
    progress: {
      ...{ percent: null, bytesTotal: null, etaSeconds: null },
      ...Object.fromEntries(zero.map((name) => [name, 0])),
    },
  };
}
