// Peers that say they have the metadata of a torrent, 32 MiB of it, and hold one piece back. Argument: JSON with host, port,
// infoHash and addresses, one peer from each. Prints `dialled` when all have, and `withheld` for each that has sent all
// but that piece.
import { once } from 'node:events';
import { connect } from 'node:net';
import { extended, handshakeOf } from './peer-words.mjs';

const { host, port, infoHash, addresses } = JSON.parse(process.argv[2] ?? '{}');
const pieceBytes = 16 * 1024;
const pieces = 2_048;
const rubbish = Buffer.alloc(pieceBytes);
const request = /d8:msg_typei0e5:piecei(\d+)ee/g;

function dial(localAddress) {
  const socket = connect({ host, port, localAddress });
  socket.on('error', () => {});
  socket.write(handshakeOf(infoHash));
  socket.write(extended(0, `d1:md11:ut_metadatai7ee13:metadata_sizei${pieces * pieceBytes}ee`));
  const sent = new Set();
  let rest = '';
  socket.on('data', (bytes) => {
    rest += bytes.toString('latin1');
    let end = 0;
    for (const found of rest.matchAll(request)) {
      end = found.index + found[0].length;
      const piece = Number(found[1]);
      if (piece === 0) continue;
      const head = `d8:msg_typei1e5:piecei${piece}e10:total_sizei${pieces * pieceBytes}ee`;
      socket.write(extended(1, head, rubbish));
      sent.add(piece);
      if (sent.size === pieces - 1) process.stdout.write('withheld\n');
    }
    rest = rest.slice(end).slice(-100);
  });
  return once(socket, 'connect');
}

await Promise.all(addresses.map(dial));
process.stdout.write('dialled\n');
