// Dials from each of some addresses, one connection after the other, and holds what is taken, idle:
// HOST PORT COUNT INFO_HASH|- PEER_ID ADDRESS…  To a peer port with the handshake of a torrent; `-`: without a word, and
// anew where it is closed.
// Prints `settled N`, how many were taken, once each was taken or refused. All but the first of an address have ids of their own.
import { connect } from 'node:net';

const [host, port, count, infoHash, peerId, ...addresses] = process.argv.slice(2);
/** Without a word nothing tells that it is taken, but that it stands after a while. */
const silentMs = 100;

function handshake(nth) {
  const id = nth === 0 ? peerId : `${peerId}${nth}`;
  return Buffer.concat([
    Buffer.from('\x13BitTorrent protocol'),
    Buffer.alloc(8),
    Buffer.from(infoHash, 'hex'),
    Buffer.from(id.padEnd(20, '.')),
  ]);
}

/** Resolves with whether it was taken. */
function dial(localAddress, nth) {
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.on('connect', () => {
      if (infoHash === '-') setTimeout(() => resolve(true), silentMs);
      else socket.write(handshake(nth));
    });
    socket.on('data', () => resolve(true));
    socket.on('close', () => {
      resolve(false);
      if (infoHash === '-') setTimeout(dial, silentMs, localAddress, nth);
    });
  });
}

let taken = 0;
await Promise.all(
  addresses.map(async (address) => {
    for (let nth = 0; nth < Number(count); nth++) if (await dial(address, nth)) taken += 1;
  }),
);
process.stdout.write(`settled ${taken}\n`);
