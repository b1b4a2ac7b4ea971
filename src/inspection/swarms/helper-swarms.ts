// The swarms of a running helper, for the page that looks at them. A torrent is looked at closely only as long as somebody reads.
import type { SwarmDetail, TrackerMeasure } from '../../../machines/types.js';
import type { Helper } from '../../helper/helper.js';
import { redact } from '../observe/redact.js';
import type { SwarmMessage } from '../told/swarm-messages.js';

const everyMs = 1_000;

/** Of the live job of that id, until it is over or `signal` aborts; of another, nothing. */
export type SwarmMessages = (jobId: number, signal: AbortSignal) => AsyncGenerator<SwarmMessage>;

export function helperSwarms(helper: Pick<Helper, 'job'>): SwarmMessages {
  return async function* (jobId, signal) {
    const job = helper.job(jobId);
    if (job === undefined) return;
    for await (const { stats, detail } of job.swarmChanges({ everyMs, signal })) {
      const { id, key, percent, coalesced, ...totals } = stats;
      yield {
        timeMs: Date.now(),
        state: job.state,
        totals,
        detail: detail && withoutSecrets(detail),
      };
    }
  };
}

/** Announce URLs hold passkeys, and so does what is said of them. */
function withoutSecrets(detail: SwarmDetail): SwarmDetail {
  return { ...detail, trackers: detail.trackers.map(withoutPasskey) };
}

function withoutPasskey({ url, failure, ...tracker }: TrackerMeasure): TrackerMeasure {
  return {
    ...tracker,
    url: redact(url),
    failure: failure && { ...failure, message: redact(failure.message) },
  };
}
