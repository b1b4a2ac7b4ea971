// What each method does, over the library's public face. Params are checked before; what is thrown or rejected with is the
// answer.
import type { Helper } from '../../helper/helper.js';
import type { Job } from '../../helper/jobs/job.js';
import type { JobWaits } from '../jobs/job-waits.js';
import type { KnownJobs } from '../jobs/known-jobs.js';
import { jobPage } from '../jobs/list-jobs.js';
import type { DialectDescription, Method, ParamsOf } from '../schema/types.js';
import { jobFacts } from '../wire/job-facts.js';
import { wireJson } from '../wire/write-message.js';
import { openRpc, statsFacts } from './describe-helper.js';
import type { Subscriptions } from './subscriptions.js';

/** What a method has of the helper, of the connection, and of the request. */
export interface Call {
  readonly helper: Helper;
  readonly jobs: KnownJobs;
  readonly waits: JobWaits;
  readonly subscriptions: Subscriptions;
  describe(): DialectDescription;
  /** Stops the helper, within that time at most. */
  quit(deadlineMs: number | undefined): void;
  /** What is to be heard has changed; `asked`: this has come to it. */
  onSubscribed(asked?: ParamsOf<'events.listen'>): void;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** A result as JSON. */
export type Result = string;

type MethodTable = {
  readonly [M in Method]: (params: ParamsOf<M>, call: Call) => Result | Promise<Result>;
};

const done = '{}';

export const methodTable: MethodTable = {
  'job.publish': ({ path, key }, { helper, jobs }) =>
    begin(helper, jobs, key, () => helper.seed(path, { key })),
  'job.fetch': ({ key, dir, paused, ...from }, { helper, jobs }) => {
    const source =
      'source' in from ? from.source : { metainfo: Buffer.from(from.metainfo, 'base64') };
    return begin(helper, jobs, key, () => helper.download(source, { key, dir, paused }));
  },
  'job.wait': (params, { waits, signal }) => waits.wait(params, signal).then(factsJson),
  'job.get': ({ id }, { jobs }) => factsJson(jobs.get(id)),
  'job.list': (params, { helper }) => jobPage(helper.jobs, params),
  'job.pause': ({ id }, { jobs }) => jobs.get(id).pause().then(isDone),
  'job.resume': ({ id }, { jobs }) => jobs.get(id).resume().then(isDone),
  'job.move': ({ id, dir }, { jobs }) => jobs.get(id).move(dir).then(isDone),
  'job.verify': ({ id }, { jobs }) => jobs.get(id).verify().then(isDone),
  'job.announce': ({ id }, { jobs }) => jobs.get(id).announce().then(isDone),
  'job.remove': ({ id, data }, { jobs }) =>
    jobs
      .get(id)
      .remove({ data: data ?? false })
      .then(isDone),
  'helper.describe': (_, { describe }) => wireJson(describe()),
  'helper.stats': (_, { helper }) => wireJson(statsFacts(helper.stats)),
  'helper.quit': ({ deadlineMs }, { quit }) => {
    // The answer goes before whatever comes of it.
    queueMicrotask(() => quit(deadlineMs));
    return done;
  },
  'events.listen': (params, { subscriptions, onSubscribed }) => {
    const subscription = subscriptions.listen(params);
    onSubscribed(params);
    return wireJson({ subscription });
  },
  'events.stop': ({ subscription }, { subscriptions, onSubscribed }) => {
    subscriptions.stop(subscription);
    onSubscribed();
    return done;
  },
  'rpc.discover': () => openRpc(),
};

export function callMethod<M extends Method>(
  method: M,
  params: ParamsOf<M>,
  call: Call,
): Result | Promise<Result> {
  return methodTable[method](params, call);
}

/** The job that has the key already, or a new one. */
function begin(helper: Helper, jobs: KnownJobs, key: string | undefined, give: () => Job): Result {
  const before = key === undefined ? undefined : helper.jobByKey(key);
  const job = give();
  jobs.add(job);
  return wireJson({ id: job.id, created: job !== before });
}

function factsJson(job: Job): Result {
  return wireJson(jobFacts(job));
}

function isDone(): Result {
  return done;
}
