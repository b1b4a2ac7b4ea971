// What all torrents share on the way to trackers: HTTP connections, so that a thousand torrents of one tracker need
// eight sockets, not thousands, and what is known of each tracker.
import type { Dispatcher } from 'undici';
import { HealthOfTrackers } from './health-of-trackers.js';

const connectionsPerOrigin = 8;

/** Each way is opened when first needed: it takes long to load, and a malformed proxy variable then fails no more than it must. */
export interface AnnounceAgent {
  /** Straight to the tracker. */
  direct(): Promise<Dispatcher>;
  /** By the proxy the environment names (`http_proxy`, `https_proxy`, `no_proxy`), if any. */
  outward(): Promise<Dispatcher>;
  readonly healthOfTrackers: HealthOfTrackers;
  /** Cuts every connection; announces under way fail. Never rejects. */
  close(): Promise<void>;
}

export function createAnnounceAgent(): AnnounceAgent {
  let direct: Promise<Dispatcher> | undefined;
  let outward: Promise<Dispatcher> | undefined;
  return {
    healthOfTrackers: new HealthOfTrackers(),
    direct() {
      direct ??= openDirect();
      return direct;
    },
    outward() {
      outward ??= openOutward();
      return outward;
    },
    async close() {
      const open = [direct, outward].map(async (dispatcher) => (await dispatcher)?.destroy());
      await Promise.allSettled(open);
    },
  };
}

async function openDirect(): Promise<Dispatcher> {
  const { Agent } = await import('undici');
  return new Agent({ connections: connectionsPerOrigin });
}

async function openOutward(): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici');
  return new EnvHttpProxyAgent({ connections: connectionsPerOrigin });
}
