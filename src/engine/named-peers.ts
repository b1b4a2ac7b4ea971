// Peers that a magnet link names by their hosts: looked up one name at a time, whatever torrent it is of, for lookups take
// threads that the disk needs, too. What cannot be found is looked for again later.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../../machines/types.js';
import { limitConcurrency } from '../async/limit-concurrency.js';
import { HelperError, systemCode } from '../errors.js';
import { dialLimits } from '../limits.js';
import { parsePeerAddress, toPeerAddress } from '../net/peer-address.js';
import { mayNamePeer } from '../net/reach.js';
import type { ResolveHost } from '../net/resolve-host.js';

export interface NamedPeersOptions {
  /** `host:port`; those that are addresses are nobody's business here. */
  readonly peers: readonly string[];
  /** Of whoever named them; left out, the user. */
  readonly reach: Reach | undefined;
  readonly resolve: ResolveHost;
  readonly onPeer: (address: string) => void;
  /** Called once at most. */
  readonly onWarning: (error: HelperError) => void;
  /** How long to wait before names that were not found are looked for again; after the last they are given up. */
  readonly retryDelaysMs?: readonly number[];
}

export interface NamedPeers {
  /** Looks for nobody any more. */
  stop(): void;
}

/** Most torrents: where there are thousands, nothing is to be kept for each. */
const nobody: NamedPeers = { stop() {} };
const usualRetryDelaysMs = [15_000, 60_000, 300_000, 1_800_000];
const lookupTurn = limitConcurrency(1);

export function findNamedPeers(options: NamedPeersOptions): NamedPeers {
  const { reach = { kind: 'user' }, resolve, onPeer, onWarning } = options;
  const names = options.peers.filter((peer) => parsePeerAddress(peer) === undefined);
  if (names.length === 0) return nobody;
  const stopped = new AbortController();
  const { signal } = stopped;
  let hasWarned = false;
  const warn = (peer: string, why: string) => {
    if (hasWarned || signal.aborted) return;
    hasWarned = true;
    onWarning(new HelperError('PEER_UNREACHABLE', `the peer ${peer} ${why}`));
  };

  /** Whether it was found, and so need not be looked for again. */
  const find = async (peer: string): Promise<boolean> => {
    const [, host = '', port] = /^(.*):(\d+)$/.exec(peer) ?? [];
    try {
      const found = await resolve(host);
      if (signal.aborted) return true;
      const permitted = found.filter((address) => mayNamePeer(reach, address));
      if (permitted.length === 0) warn(peer, 'is where its magnet link may not lead');
      for (const address of permitted.slice(0, dialLimits.addressesPerName)) {
        const at = toPeerAddress(address, Number(port));
        if (at !== undefined) onPeer(at.text);
      }
      return true;
    } catch (thrown) {
      warn(peer, `cannot be found: ${systemCode(thrown) ?? 'its name leads nowhere'}`);
      return false;
    }
  };

  const findAll = async () => {
    let missing: readonly string[] = names;
    const delays = (options.retryDelaysMs ?? usualRetryDelaysMs).values();
    while (!signal.aborted && missing.length > 0) {
      const failed: string[] = [];
      for (const peer of missing) {
        const isFound = await lookupTurn(async () => signal.aborted || find(peer));
        if (!isFound) failed.push(peer);
      }
      missing = failed;
      const { value: delayMs } = delays.next();
      if (missing.length === 0 || delayMs === undefined) return;
      await sleep(delayMs, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  void findAll();
  return { stop: () => stopped.abort() };
}
