// @ts-check
// A small HTTP tracker: every announce URL has a swarm of its own, which begins with the ports it was given. Not
// one of test/support, which are TypeScript: the benchmark runs without a build.
import { once } from 'node:events';
import { createServer } from 'node:http';

const host = '127.0.0.1';
/** What the helper's own tracker says. */
const intervalSeconds = 45;

/**
 * One that announced.
 *
 * @typedef {object} TrackerClient
 * @property {boolean} wasComplete At its first word: a seeder.
 * @property {number} port 0 when it has stopped.
 * @property {number} uploadedBytes
 */

/**
 * @typedef {object} Swarm
 * @property {string} announceUrl
 * @property {ReadonlyMap<string, TrackerClient>} announcers By peer id.
 */

/**
 * @typedef {object} Tracker
 * @property {(ports: readonly number[]) => Swarm} openSwarm The ports of peers on loopback that do not announce.
 * @property {() => void} close
 */

/** @returns {Promise<Tracker>} */
export async function startTracker() {
  /** @type {Map<string, { ports: readonly number[], announcers: Map<string, TrackerClient> }>} */
  const swarms = new Map();
  const server = createServer(({ url = '' }, response) => {
    const [path = '', query = ''] = url.split('?');
    const swarm = swarms.get(path);
    if (swarm === undefined) {
      response.writeHead(404).end();
      return;
    }
    const port = announce(swarm.announcers, query);
    const announced = [...swarm.announcers.values()].map((each) => each.port);
    const ports = [...swarm.ports, ...announced].filter((each) => each !== 0 && each !== port);
    response.end(answer(ports));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://${host}:${address.port}`;
  return {
    openSwarm(ports) {
      // On loopback libtorrent asks only where a path begins so, and the helper only where it ends so.
      const path = `/announce/${swarms.size + 1}/announce`;
      const announcers = new Map();
      swarms.set(path, { ports, announcers });
      return { announceUrl: `${origin}${path}`, announcers };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param {Map<string, TrackerClient>} announcers
 * @param {string} query
 * @returns {number} The trackerClient's port.
 */
function announce(announcers, query) {
  // Whatever is percent-encoded stays so: a peer id is no text.
  const params = new Map(
    query.split('&').map((each) => /** @type {[string, string]} */ (each.split('='))),
  );
  const id = params.get('peer_id') ?? '';
  const port = Number(params.get('port'));
  announcers.set(id, {
    wasComplete: announcers.get(id)?.wasComplete ?? params.get('left') === '0',
    port: params.get('event') === 'stopped' ? 0 : port,
    uploadedBytes: Number(params.get('uploaded')),
  });
  return port;
}

/** @param {readonly number[]} ports */
function answer(ports) {
  const peers = Buffer.concat(
    ports.map((port) => Buffer.from([127, 0, 0, 1, port >> 8, port & 0xff])),
  );
  const head = Buffer.from(`d8:intervali${intervalSeconds}e5:peers${peers.length}:`);
  return Buffer.concat([head, peers, Buffer.from('e')]);
}
