// The engine over webtorrent: which torrents there are, and in what order one info hash comes and goes.

import type { SwarmEvent } from '../../machines/types.js';
import { forEachInSlices } from '../async/slices.js';
import { withTimeout } from '../async/with-timeout.js';
import { HelperError, toFailure } from '../errors.js';
import { metadataLimits } from '../limits.js';
import { connectionCaps, openFilesLimit } from '../net/descriptor-budget.js';
import { createOwnAddresses } from '../net/own-addresses.js';
import { openStorage } from '../storage/open-storage.js';
import { RestTimer } from './awake/rest-timer.js';
import { IncompleteBytes } from './data-path/budgets/incomplete-bytes.js';
import { createDataPath } from './data-path/create-data-path.js';
import type { DataPath } from './data-path/transfer.js';
import { Connection } from './data-path/wire/connection.js';
import { createDialSlots } from './dialling/dial-slots.js';
import { createDialledAddresses } from './dialling/dialled-addresses.js';
import type { Engine, EngineOptions, Swarm } from './engine.js';
import type { EngineDependencies } from './engine-dependencies.js';
import { WatchedTorrents } from './measuring/watched-torrents.js';
import { startMetadataSearch } from './metadata-download.js';
import { createBanList } from './peers/ban-list.js';
import { createDht } from './peers/dht.js';
import { openPeerPort } from './peers/listener.js';
import { TorrentSession } from './torrent-session.js';
import { createAnnounceAgent } from './trackers/announce-agent.js';
import { closeClient, openClient } from './webtorrent/open-client.js';
import { moveBytesOf } from './webtorrent/torrent-peers.js';

/** A complete torrent that has nobody is let rest after twice that at most. */
const restEveryMs = 30_000;
/** Those that were removed do not come back; what is forgotten finds out by writing that the disk is full. */
const mostFull = 10_000;
const leavesATurn = 100;
/** To be waited for: one for all, as each torrent keeps what it waited for. */
const nothing = Promise.resolve();
const closeClientTimeoutMs = 500;
const closeFilesTimeoutMs = 3_500;

/** Opens the peer port. Rejects with `PORT_TAKEN`. `dataPath` is closed with it. */
export async function startEngine(
  options: EngineOptions,
  dataPath: DataPath = createDataPath(options),
  restTimer: RestTimer = new RestTimer(restEveryMs),
): Promise<Engine> {
  const { client, peerPort } = await openClient(options);
  const resources = { ...dataPath, memory: dataPath.buffers.memory };
  moveBytesOf(client, (peer, socket, wire) => void new Connection(peer, socket, wire, resources));
  const { host, listen, dhtBootstrap } = options;
  const banList = createBanList([host, listen]);
  const { incoming, outgoing } = connectionCaps(openFilesLimit());
  const dependencies: EngineDependencies = {
    options,
    client,
    peerPort,
    dataPath,
    incompleteMetadata: new IncompleteBytes({ mostBytes: metadataLimits.incompleteBytes }),
    banList,
    port: openPeerPort(client, { banList, connections: incoming }),
    dialSlots: createDialSlots(outgoing),
    dialledAddresses: createDialledAddresses(),
    ownAddresses: createOwnAddresses({ host, listen, peerPort }),
    dht: options.dht ? createDht(dhtBootstrap) : undefined,
    agent: createAnnounceAgent(options),
    storage: openStorage(options.stateDir),
    restTimer,
  };
  return createEngine(dependencies);
}

function createEngine(dependencies: EngineDependencies): Engine {
  const closed = new AbortController();
  const swarms = new Set<Swarm>();
  const watched = new WatchedTorrents();
  /** What must be over before an info hash may be used again: leaves, and searches for metadata. */
  const occupied = new Map<string, Promise<void>>();
  /** Downloads that ended because the disk was full, by torrent and path; the one that did so last comes last. */
  const full = new Set<string>();
  const foundFull = (key: string) => {
    full.add(key);
    const [oldest] = full;
    if (full.size > mostFull && oldest !== undefined) full.delete(oldest);
  };
  /** Leaves under way: the files may be free long before the trackers know. */
  const leaving = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;

  const occupy = (infoHash: string, over: Promise<void>) => {
    occupied.set(infoHash, over);
    void over.then(() => {
      if (occupied.get(infoHash) === over) occupied.delete(infoHash);
    });
  };

  const close = async () => {
    dependencies.agent.end();
    watched.close();
    closed.abort(new HelperError('CLOSED', 'the helper was closed before the metadata was found'));
    await forEachInSlices(leavesATurn, [...swarms], (swarm) => void swarm.leave());
    await Promise.all([
      ...leaving,
      withTimeout(closeFilesTimeoutMs, Promise.all(occupied.values())),
    ]);
    dependencies.port.close();
    dependencies.storage.close();
    await Promise.all([
      closeClient(dependencies.client, closeClientTimeoutMs),
      dependencies.dht?.close(),
      dependencies.agent.close(),
      dependencies.dataPath.close(),
    ]);
  };

  return {
    peerPort: dependencies.peerPort,

    join(request, listener) {
      if (closing !== undefined) return joinClosed(listener);
      const { infoHash } = request.metainfo;
      const key = `${infoHash} ${request.contentPath}`;
      const tell = (event: SwarmEvent) => {
        // Whoever hears that all is there knows by then what that took.
        if (event.type === 'swarm.completed') watched.look(session);
        listener(event);
        if (event.type === 'storage.error' && event.failure.code === 'DISK_FULL') foundFull(key);
        if (event.type === 'swarm.failed' || event.type === 'storage.error') void swarm.leave();
      };
      const session = new TorrentSession(dependencies, request, tell, {
        after: occupied.get(infoHash) ?? nothing,
        wasFull: full.delete(key),
      });
      const swarm: Swarm = {
        verify: () => session.verify(),
        announce: () => session.announce(),
        leave() {
          swarms.delete(swarm);
          watched.left(session);
          if (occupied.get(infoHash) !== session.filesClosed) occupy(infoHash, session.filesClosed);
          const leave = session.leave();
          if (!leaving.has(leave)) {
            leaving.add(leave);
            void leave.then(() => leaving.delete(leave));
          }
          return leave;
        },
      };
      swarms.add(swarm);
      watched.joined(session);
      session.start();
      return swarm;
    },

    left: (infoHash) => occupied.get(infoHash) ?? nothing,

    watch: (infoHash, everyMs, isDetailed) => watched.watch(infoHash, everyMs, isDetailed),

    async fetchMetadata(request, signal, onWarning) {
      const { infoHash } = request;
      const { found, over } = startMetadataSearch(dependencies, request, {
        signal: AbortSignal.any([signal, closed.signal]),
        after: occupied.get(infoHash) ?? nothing,
        onWarning,
      });
      occupy(infoHash, over);
      return found;
    },

    prepareToClose: () => dependencies.agent.end(),

    close() {
      closing ??= close();
      return closing;
    },
  };
}

function joinClosed(listener: Parameters<Engine['join']>[1]): Swarm {
  let isLeft = false;
  const error = new HelperError('CLOSED', 'the helper was closed before the torrent was joined');
  queueMicrotask(() => {
    if (!isLeft) listener({ type: 'swarm.failed', failure: toFailure(error) });
  });
  return {
    verify: () => {},
    announce: () => {},
    async leave() {
      isLeft = true;
    },
  };
}
