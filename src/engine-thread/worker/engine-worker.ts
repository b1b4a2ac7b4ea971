// The entry of the engine's thread: beats, serves, and reports last whose code brought it down. Like bin, it is the one
// place of its thread that touches the process.
import { inspect } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { gatherByTurn } from '../../async/gather-by-turn.js';
import { onTorrentEntered, throwingTorrent } from '../../engine/torrent-context.js';
import { startEngine } from '../../engine/webtorrent-engine.js';
import { heartbeatOver } from '../heartbeat.js';
import type { EngineCommand, EngineReport } from '../messages.js';
import { serveEngine } from './serve-engine.js';

const BEAT_MS = 250;

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port = parentPort;
const reports = gatherByTurn<EngineReport>((gathered) => port.postMessage(gathered));

const memory: unknown = workerData;
if (!(memory instanceof SharedArrayBuffer)) throw new Error('a heartbeat is expected');
const heartbeat = heartbeatOver(memory);
heartbeat.beat();
setInterval(() => {
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  heartbeat.beat(used_heap_size / heap_size_limit);
}, BEAT_MS).unref();

onTorrentEntered((infoHash) => {
  heartbeat.atWork = infoHash;
});

// In what state a throw has left the engine nobody knows, so this worker ends with it.
const crash = (thrown: unknown) => {
  const reason = thrown instanceof Error ? (thrown.stack ?? thrown.message) : inspect(thrown);
  reports.add({ type: 'crashed', reason, infoHash: throwingTorrent(thrown) });
  reports.flush();
  process.exit(1);
};
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

const service = serveEngine({ start: startEngine, report: reports.add });
port.on('message', (commands: readonly EngineCommand[]) => {
  for (const command of commands) service.take(command);
});
