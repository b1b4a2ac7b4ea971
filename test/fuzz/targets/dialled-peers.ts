// What answers when the engine dials: a peer that a tracker, or another peer, told of. It hears our handshake, plain
// and then encrypted, and says what it likes. The torrent must live on, and be left in time.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { SwarmEvent } from '../../../machines/types.js';
import { abilities, framed, handshake } from '../../support/peers/wire-messages.js';
import { listenOn } from '../../support/web/listen-on.js';
import { downloaded, fuzzedTorrent, startFuzzedEngine } from '../engine/fuzzed-engine.js';
import { within } from '../engine/say-and-hang-up.js';
import { mutateScript, type Part, packScript, unpackScript } from '../mutate/script.js';
import { check, type OpenTarget, type Target } from '../target.js';
import { peerMessages } from './peer-messages.js';

/** `unmet`: it does not shake hands, so the engine comes again, encrypted. */
const modes = { met: 0, unmet: 1 };

const wanted = fuzzedTorrent('wanted', 3).metainfo;
const leaveMs = 5_000;
const quietMs = 25;

export const dialledPeers: Target = {
  name: 'dialled-peers',
  about: 'peers that the engine dials',
  samples: () => [
    ...peerMessages.samples().map((sample) => {
      const { parts } = unpackScript(sample);
      return packScript({ mode: modes.met, parts });
    }),
    packScript({
      mode: modes.unmet,
      parts: [Buffer.alloc(96, 7), Buffer.alloc(600, 9)].map((bytes) => ({ flags: 1, bytes })),
    }),
    packScript({
      mode: modes.unmet,
      parts: [
        { flags: 1, bytes: handshake(downloaded.metainfo.infoHash, '-FU0000-', abilities.all) },
      ],
    }),
  ],
  mutate: mutateScript(
    ['ut_metadata', 'ut_pex', 'metadata_size', 'm', 'added', '\x13BitTorrent protocol'],
    [0, 0, 0, 1],
    [modes.met, modes.met, modes.unmet],
  ),
  open: openEngine,
};

async function openEngine(): Promise<OpenTarget> {
  const fuzzed = await startFuzzedEngine();
  let rounds = 0;
  return {
    async run(input) {
      const { mode, parts } = unpackScript(input);
      rounds += 1;
      const peer = await listen(mode, parts);
      const events: SwarmEvent[] = [];
      const swarm = fuzzed.engine.join(
        {
          metainfo: wanted,
          role: 'download',
          trackers: [],
          contentPath: join(fuzzed.folder, 'downloads', `wanted ${rounds}`),
          peers: [peer.address],
        },
        (event) => events.push(event),
      );
      await peer.hasSpoken;
      const startedAt = performance.now();
      await within(leaveMs, swarm.leave());
      check(performance.now() - startedAt < leaveMs, () => 'the torrent cannot be left');
      await peer.close();
      const failed = events.find(({ type }) => /failed|storage\.error/.test(type));
      check(failed === undefined, () => `the torrent was given up: ${JSON.stringify(failed)}`);
      await fuzzed.expectHealth();
    },
    close: () => fuzzed.close(),
  };
}

interface HostilePeer {
  readonly address: string;
  /** Settles a moment after the last connection was closed, or has heard all. */
  readonly hasSpoken: Promise<void>;
  close(): Promise<void>;
}

async function listen(mode: number, parts: readonly Part[]): Promise<HostilePeer> {
  const sockets = new Set<Socket>();
  let rest: NodeJS.Timeout | undefined;
  let wake = () => {};
  const hasSpoken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const settleSoon = (afterMs: number) => {
    clearTimeout(rest);
    rest = setTimeout(wake, afterMs);
  };
  settleSoon(10 * quietMs);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    settleSoon(quietMs);
    socket.once('data', () => {
      if (mode % 2 === modes.met)
        socket.write(handshake(wanted.infoHash, '-FU0000-dialled', abilities.all));
      for (const { flags, bytes } of parts) {
        if (!socket.writable) break;
        socket.write(flags === 1 ? bytes : framed(bytes));
      }
      settleSoon(quietMs);
    });
  });
  const port = await listenOn(server);
  return {
    address: `127.0.0.1:${port}`,
    hasSpoken,
    async close() {
      clearTimeout(rest);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
