// @ts-check
// What an announce costs a tracker, and what a peer weighs: our own, alone in its process, and opentracker where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { alternate } from '../figures/measure.mjs';
import { tell } from '../figures/tell.mjs';
import { helperCommand } from '../programs/downloaders.mjs';
import { startMeasured } from '../programs/processes.mjs';
import { announceOverHttp, announceOverUdp, infoHashOf, scrapePeers } from './tracker-load.mjs';

const timeoutMs = 30_000;
const announces = 50_000;
const crowdTorrents = 1_000;
const crowdPeers = 1_000_000;

/**
 * @typedef {object} TrackerFigures
 * @property {number} udpMicros CPU an announce that is told of 50 peers.
 * @property {number} httpMicros Likewise, on a connection that is kept.
 * @property {number} heldPeers Of a million that announced.
 * @property {number} peerBytes Of memory.
 * @property {number} residentMib With a million peers.
 */

/** @param {import('../workbench.mjs').Workbench} bench */
export async function measureTrackers(bench) {
  const { runs, python, helperDist, againstDist, libtorrent } = bench;
  const hasOpentracker = libtorrent !== undefined && !spawnSync('opentracker', ['-h']).error;
  // Debian's takes those alone that are named, in the folder that is its root, as nobody.
  const root = join(bench.folder, 'opentracker');
  await mkdir(root, { recursive: true, mode: 0o755 });
  const hashes = Array.from({ length: crowdTorrents }, (_, nth) => infoHashOf(nth).toString('hex'));
  await writeFile(join(root, 'allowed'), `${hashes.join('\n')}\n`);
  const helper = (/** @type {string} */ dist) => (/** @type {number} */ port) =>
    startMeasured(python, [
      ...[...helperCommand(dist), 'tracker', '--host', '127.0.0.1', '--listen', '127.0.0.1'],
      ...['--port', `${port}`],
    ]);
  const opentracker = (/** @type {number} */ port) =>
    startMeasured(python, [
      ...['opentracker', '-i', '127.0.0.1', '-p', `${port}`, '-P', `${port}`],
      ...['-d', root, '-w', '/allowed'],
    ]);
  return alternate(
    runs,
    {
      helper: () => measure(helper(helperDist)),
      against: againstDist === undefined ? undefined : () => measure(helper(againstDist)),
      opentracker: hasOpentracker ? () => measure(opentracker) : undefined,
    },
    (name, { udpMicros, httpMicros, heldPeers, peerBytes, residentMib }) =>
      tell(
        `many tracker ${name.padEnd(11)} UDP ${udpMicros.toFixed(1)} µs  HTTP ${httpMicros.toFixed(1)} µs  ${heldPeers} held, ${peerBytes.toFixed(0)} bytes a peer  ${residentMib.toFixed(0)} MiB`,
      ),
  );
}

/**
 * @param {(port: number) => import('../programs/processes.mjs').Running} start
 * @returns {Promise<TrackerFigures>}
 */
async function measure(start) {
  const port = await freePort();
  const tracker = start(port);
  try {
    await answers(port);
    const micros = async (/** @type {() => Promise<unknown>} */ load) => {
      const before = await tracker.cpuSecondsSoFar();
      await load();
      return (((await tracker.cpuSecondsSoFar()) - before) * 1e6) / announces;
    };
    const load = { port, announces, torrents: 100 };
    // A first round, so that code is compiled, and the swarms are full.
    await announceOverUdp({ ...load, announces: announces / 2 });
    const udpMicros = await micros(() => announceOverUdp(load));
    await announceOverHttp({ ...load, announces: announces / 5 });
    const httpMicros = await micros(() => announceOverHttp(load));
    const emptyBytes = await tracker.residentBytes();
    await announceOverUdp({ port, announces: crowdPeers, torrents: crowdTorrents });
    const residentBytes = await tracker.residentBytes();
    const sample = Array.from({ length: 50 }, (_, nth) => (nth * crowdTorrents) / 50);
    const heldPeers = (await scrapePeers(port, sample)) * (crowdTorrents / sample.length);
    return {
      heldPeers,
      udpMicros,
      httpMicros,
      peerBytes: (residentBytes - emptyBytes) / heldPeers,
      residentMib: residentBytes / 2 ** 20,
    };
  } finally {
    await tracker.abandon(timeoutMs);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** @param {number} port */
async function answers(port) {
  for (let left = 100; ; left -= 1) {
    try {
      return await announceOverHttp({ port, announces: 1, torrents: 1 });
    } catch (thrown) {
      if (left === 0) throw thrown;
      await setTimeout(100);
    }
  }
}
