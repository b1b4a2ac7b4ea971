// A swarm of one peer, made by hand, that has as much of a torrent as a test says: so a download stands still in the middle
// for as long as the test needs, however slow the machine.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type SampleFile, type SampleTorrent, sampleTorrent } from '../torrents/sample-torrent.js';
import { startTrackerOf } from '../trackers/story-trackers.js';
import { listenOn } from '../web/listen-on.js';
import { readMessages } from './read-messages.js';
import { blockOf, handshake, message, messageIds, requestIn } from './wire-messages.js';

export interface GrowingSwarm {
  readonly torrent: SampleTorrent;
  readonly torrentFile: string;
  /** The peer has these pieces from now on, and tells everybody. */
  offer(indices: Iterable<number>): void;
  offerAll(): void;
}

export interface SwarmOptions {
  readonly name: string;
  readonly files: readonly SampleFile[];
  /** Symbolic links (BEP 47): where each leads, by its path. */
  readonly links?: Readonly<Record<string, string>>;
}

/** A piece is one block. */
export const pieceBytes = 16_384;

/** Of random content; its .torrent is written into `folder`. It lasts as long as the test. */
export async function startGrowingSwarm(
  folder: string,
  { name, files, links = {} }: SwarmOptions,
): Promise<GrowingSwarm> {
  const lengthBytes = files.reduce((sum, file) => sum + file.lengthBytes, 0);
  const options = { name, pieceLengthBytes: pieceBytes, files, links };
  const torrent = sampleTorrent(options, randomBytes(lengthBytes));
  const { info, pieceCount } = torrent.metainfo;
  const { port, offer } = await startPeer(torrent);
  const announce = await startTrackerOf(() => [port]);
  const torrentFile = join(folder, `${name}.torrent`);
  const before = Buffer.from(`d8:announce${announce.length}:${announce}4:info`);
  await writeFile(torrentFile, Buffer.concat([before, info, Buffer.from('e')]));
  return { torrent, torrentFile, offer, offerAll: () => offer(Array(pieceCount).keys()) };
}

async function startPeer({ metainfo, piece }: SampleTorrent) {
  const sockets = new Set<Socket>();
  const offered = new Set<number>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    const bits = message(messageIds.bitfield, bitfieldOf(offered, metainfo.pieceCount));
    socket.write(Buffer.concat([handshake(metainfo.infoHash), bits, message(messageIds.unchoke)]));
    readMessages(socket, {
      onMessage(body) {
        const request = requestIn(body);
        if (!request || !socket.writable) return;
        const block = piece(request.index).subarray(request.offset);
        socket.write(blockOf(request, block.subarray(0, request.lengthBytes)));
      },
    });
  });
  const port = await listenOn(server);
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port,
    offer(indices: Iterable<number>) {
      for (const index of indices) {
        if (offered.has(index)) continue;
        offered.add(index);
        for (const socket of sockets) socket.write(message(messageIds.have, [index]));
      }
    },
  };
}

/** The most significant bit first (BEP 3). */
function bitfieldOf(indices: ReadonlySet<number>, pieceCount: number): Buffer {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8));
  for (const index of indices) {
    const at = index >> 3;
    bits.writeUInt8(bits.readUInt8(at) | (0x80 >> (index & 7)), at);
  }
  return bits;
}
