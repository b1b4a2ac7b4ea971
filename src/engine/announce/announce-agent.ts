// The HTTP connections all torrents share, so that a thousand torrents of one tracker need eight sockets, not thousands.
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';

const connectionsPerOrigin = 8;

export interface AnnounceAgent {
  /** Straight to the tracker. */
  readonly direct: Dispatcher;
  /** By the proxy the environment names (`http_proxy`, `https_proxy`, `no_proxy`), if any. */
  readonly outward: Dispatcher;
  /** Cuts every connection; announces under way fail. Never rejects. */
  close(): Promise<void>;
}

export function createAnnounceAgent(): AnnounceAgent {
  const direct = new Agent({ connections: connectionsPerOrigin });
  let outward: Dispatcher | undefined;
  return {
    direct,
    // Made when first needed: a malformed proxy variable then fails announces that need it, and nothing else.
    get outward() {
      outward ??= new EnvHttpProxyAgent({ connections: connectionsPerOrigin });
      return outward;
    },
    async close() {
      await Promise.allSettled([direct.destroy(), outward?.destroy()]);
    },
  };
}
