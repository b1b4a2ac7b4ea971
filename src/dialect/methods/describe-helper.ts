// How a helper introduces itself to whoever connects: what it is, its totals, and the document of what it can do.
import { readFile } from 'node:fs/promises';
import { HelperError } from '../../errors.js';
import type { Helper } from '../../helper/helper.js';
import type { HelperStats } from '../../helper/stats/helper-stats.js';
import { dialectLimits } from '../../limits.js';
import type { Capability, DialectDescription, DialectStats } from '../schema/types.js';
import { wireJson } from '../wire/write-message.js';

/** What it does not know of itself. */
export interface HelperIdentity {
  readonly version: string;
  readonly pid: number;
  readonly session: string | undefined;
}

const protocol = '1.0';

export function describeHelper(
  { peerPort, announce, nextId }: Helper,
  { version, pid, session }: HelperIdentity,
  mayControl: boolean,
): DialectDescription {
  return {
    protocol,
    version,
    pid,
    capabilities: Object.keys(capabilities).filter((name) => {
      if (name === 'session') return session !== undefined;
      return name !== 'control' || mayControl;
    }),
    limits: {
      maxLineBytes: dialectLimits.lineBytes,
      maxWaitingRequests: dialectLimits.waitingRequests,
      maxJobsPerPage: dialectLimits.jobsPerPage,
      minEveryMs: dialectLimits.leastEveryMs,
      maxKeyLength: dialectLimits.keyLength,
    },
    peerPort: peerPort > 0 ? peerPort : null,
    announce,
    nextId,
    session: session ?? null,
  };
}

/** All of the schema. */
const capabilities: Readonly<Record<Capability, true>> = {
  control: true,
  instructions: true,
  keys: true,
  session: true,
  progress: true,
  trackers: true,
  verify: true,
  announce: true,
  'fetch.metainfo': true,
  'fetch.dir': true,
  'fetch.paused': true,
};

/** Every state has its number. */
export function statsFacts({ jobsByState, ...totals }: HelperStats): DialectStats {
  const { bytesDone, bytesDown, bytesUp, bytesWasted, peers } = totals;
  const { downBytesPerSecond, upBytesPerSecond } = totals;
  return {
    jobs: { ...noJobs, ...jobsByState },
    ...{ bytesDone, downBytesPerSecond, upBytesPerSecond, bytesDown, bytesUp, bytesWasted, peers },
  };
}

const noJobs: DialectStats['jobs'] = Object.fromEntries(
  [
    ...['queued', 'making', 'writing', 'fetching', 'registering', 'checking', 'downloading'],
    ...['seeding', 'recovering', 'moving', 'paused', 'failed', 'removed'],
  ].map((state) => [state, 0]),
);

/** Seen from the command as it is built, and from here. */
const documents = ['../../docs/openrpc.json', '../../../docs/openrpc.json'];

let document: Promise<string> | undefined;

/** One text for all who ask: each of ten thousand requests that read it anew would have one of its own. */
export function openRpc(): Promise<string> {
  document ??= readDocument();
  return document;
}

async function readDocument(): Promise<string> {
  for (const name of documents) {
    const text = await readFile(new URL(name, import.meta.url), 'utf8').catch(() => undefined);
    if (text !== undefined) return wireJson(JSON.parse(text));
  }
  throw new HelperError('REFUSED', 'docs/openrpc.json is not there; it comes with the package');
}
