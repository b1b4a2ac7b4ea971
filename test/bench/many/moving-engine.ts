// The entry of an engine's thread without a network: of each torrent that is joined, more has moved at each look. What is between
// its numbers and who listens is the helper's own: what watches, what reports, and all in the main thread.
import { parentPort, workerData } from 'node:worker_threads';
import { gatherByTurn } from '../../../src/async/gather-by-turn.js';
import type { Engine, JoinRequest } from '../../../src/engine/engine.js';
import {
  type MeasuredTorrent,
  WatchedTorrents,
} from '../../../src/engine/measuring/watched-torrents.js';
import { heartbeatOver } from '../../../src/engine-thread/heartbeat.js';
import type { EngineCommand, EngineReport } from '../../../src/engine-thread/messages.js';
import { serveEngine } from '../../../src/engine-thread/worker/serve-engine.js';

const blockBytes = 2 ** 14;

function movingTorrent(
  { metainfo }: JoinRequest,
  tell: Parameters<Engine['join']>[1],
): MeasuredTorrent {
  const bytesTotal = metainfo.lengthBytes;
  let looks = 0;
  return {
    infoHash: metainfo.infoHash,
    read() {
      looks += 1;
      const moved = { bytesDown: 0, bytesUp: looks * blockBytes, bytesWasted: 0 };
      return { bytesTotal, bytesDone: bytesTotal, ...moved, peers: 3, seeds: 0 };
    },
    tell: (measure) => tell({ type: 'swarm.measured', measure }),
    watched() {},
    openDetail() {
      throw new Error('nobody asks for details');
    },
  };
}

function movingEngine(): Engine {
  const watched = new WatchedTorrents();
  return {
    peerPort: 1,
    join(request, tell) {
      const torrent = movingTorrent(request, tell);
      queueMicrotask(() => {
        tell({ type: 'swarm.joined' });
        tell({ type: 'swarm.completed' });
        watched.joined(torrent);
      });
      const leave = async () => watched.left(torrent);
      return { leave, verify: () => {}, announce: () => {} };
    },
    left: async () => {},
    watch: (infoHash, everyMs) => watched.watch(infoHash, everyMs),
    fetchMetadata: () => Promise.reject(new Error('there is no network')),
    prepareToClose: () => {},
    close: async () => watched.close(),
  };
}

const memory: unknown = workerData;
if (parentPort === null || !(memory instanceof SharedArrayBuffer)) throw new Error('no thread');
const port = parentPort;
const heartbeat = heartbeatOver(memory);
setInterval(() => heartbeat.beat(), 250).unref();
const reports = gatherByTurn<EngineReport>((gathered) => port.postMessage(gathered));
const service = serveEngine({ start: async () => movingEngine(), report: reports.add });
port.on('message', (commands: readonly EngineCommand[]) => {
  for (const command of commands) service.take(command);
});
