// An honest peer: whatever was said to the engine by others, it is served.
import { readMessages } from '../../support/peers/read-messages.js';
import {
  abilities,
  blockOf,
  handshake,
  message,
  messageIds,
} from '../../support/peers/wire-messages.js';
import type { SampleTorrent } from '../../support/torrents/sample-torrent.js';
import { Finding } from '../target.js';
import { dial } from './say-and-hang-up.js';

const honestMs = 5_000;

/** Asks the engine for a block as any peer would, and looks at what comes. */
export async function expectService(
  port: number,
  { metainfo, piece }: SampleTorrent,
  peerId: string,
): Promise<void> {
  const index = metainfo.pieceCount - 2;
  const block = { index, offset: 0 };
  const wanted = blockOf(block, piece(index)).subarray(4);
  const socket = dial(port);
  const deadline = setTimeout(() => socket.destroy(), honestMs);
  try {
    socket.write(
      Buffer.concat([
        handshake(metainfo.infoHash, peerId, abilities.all),
        message(messageIds.haveNone),
        message(messageIds.interested),
      ]),
    );
    const got = await new Promise<Buffer | undefined>((resolve) => {
      // Reset is the same as closed.
      socket.once('close', () => resolve(undefined));
      readMessages(socket, {
        onMessage(body) {
          const id = body.readUInt8(0);
          if (id === messageIds.unchoke) {
            socket.write(message(messageIds.request, [index, 0, metainfo.pieceLengthBytes]));
          }
          if (id === messageIds.piece) resolve(body);
        },
      });
    });
    if (got === undefined) throw new Finding('the engine does not serve an honest peer any more');
    if (!got.equals(wanted)) throw new Finding('the engine sends a wrong block');
  } finally {
    clearTimeout(deadline);
    socket.destroy();
  }
}
