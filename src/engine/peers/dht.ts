// The DHT (BEP 5) as a read-only node (BEP 43): asks and announces, answers nobody. Started by its first use; what
// fails here stays here.
import type { Client } from 'bittorrent-dht';
import { withTimeout } from '../../async/with-timeout.js';
import { isLoopback } from '../../net/ip-address.js';
import { isOwnAddress } from '../../net/own-addresses.js';
import { openDhtClient } from '../webtorrent/dht-client.js';
import { createAskedNodes } from './asked-nodes.js';

export interface Dht {
  /** Looks for peers of `infoHash` (40 hex digits) now and then until stopped, and announces `port` where one is given. */
  search(infoHash: string, port: number | undefined, onPeer: OnDhtPeer): DhtSearch;
  /** A peer told that it is a node too. */
  addNode(host: string, port: number): void;
  close(): Promise<void>;
}

/** `from`: the address of the node that named it. */
export type OnDhtPeer = (address: string, from: string | undefined) => void;

export interface DhtSearch {
  stop(): void;
}

/** Till the first peers are found, then. */
const eagerIntervalMs = 60_000;
const calmIntervalMs = 15 * 60_000;
const lookupTimeoutMs = 60_000;
const lookupsAtOnce = 4;
const closeTimeoutMs = 1_000;

interface Search extends DhtSearch {
  readonly infoHash: string;
  readonly port: number | undefined;
  readonly onPeer: OnDhtPeer;
  hasFound: boolean;
  isStopped: boolean;
  timer: NodeJS.Timeout | undefined;
}

interface Node {
  readonly client: Client;
  readonly searches: Map<string, Search>;
}

/** `bootstrap`: nodes to ask first, `host:port`; the well-known ones when left out. */
export function createDht(bootstrap: readonly string[] | undefined): Dht {
  let node: Node | undefined;
  let isClosed = false;
  const queue: Search[] = [];
  let lookups = 0;

  const next = () => {
    if (node === undefined || isClosed || lookups >= lookupsAtOnce) return;
    const search = queue.shift();
    if (search === undefined) return;
    if (search.isStopped) return next();
    lookups += 1;
    const { client } = node;
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(deadline);
      lookups -= 1;
      const waitMs = search.hasFound ? calmIntervalMs : eagerIntervalMs;
      if (!search.isStopped && !isClosed) search.timer = later(waitMs, () => enqueue(search));
      next();
    };
    const deadline = later(lookupTimeoutMs, over);
    client.lookup(search.infoHash, (error) => {
      const { port } = search;
      if (error || port === undefined || search.isStopped || isClosed) return over();
      client.announce(search.infoHash, port, over);
    });
    next();
  };

  const enqueue = (search: Search) => {
    queue.push(search);
    next();
  };

  return {
    search(infoHash, port, onPeer) {
      const search: Search = {
        infoHash,
        port,
        onPeer,
        hasFound: false,
        isStopped: false,
        timer: undefined,
        stop() {
          search.isStopped = true;
          clearTimeout(search.timer);
          if (node?.searches.get(infoHash) === search) node.searches.delete(infoHash);
        },
      };
      if (isClosed) return search;
      node ??= startNode(bootstrap);
      node.searches.set(infoHash, search);
      enqueue(search);
      return search;
    },
    addNode(host, port) {
      if (node?.client.listening && !isClosed && port > 0 && port < 65536) {
        node.client.addNode({ host, port });
      }
    },
    async close() {
      isClosed = true;
      if (node === undefined) return;
      const { client, searches } = node;
      for (const search of searches.values()) search.stop();
      const destroyed = new Promise<void>((resolve) => {
        // A socket that never came to listen throws here; there is nothing to close then.
        try {
          client.destroy(resolve);
        } catch {
          resolve();
        }
      });
      await withTimeout(closeTimeoutMs, destroyed);
    },
  };
}

function startNode(bootstrap: readonly string[] | undefined): Node {
  const searches = new Map<string, Search>();
  const hosts = bootstrap?.map((each) => each.slice(0, each.lastIndexOf(':'))) ?? [];
  const nodes = createAskedNodes(hosts.some((host) => isLoopback(host) || isOwnAddress(host)));
  const client = openDhtClient(bootstrap, nodes, (peer, infoHash, from) => {
    const search = searches.get(infoHash);
    if (search === undefined) return;
    search.hasFound = true;
    search.onPeer(`${peer.host}:${peer.port}`, from);
  });
  return { client, searches };
}

function later(delayMs: number, task: () => void): NodeJS.Timeout {
  return setTimeout(task, delayMs).unref();
}
