// A peer that dials from ADDRESS, asks for the first block of a torrent, and prints `block` when it comes, or `closed`:
// HOST PORT INFO_HASH PEER_ID ADDRESS
import { connect } from 'node:net';

const [host, port, infoHash, peerId, localAddress] = process.argv.slice(2);
const interested = Buffer.from([0, 0, 0, 1, 2]);
const request = Buffer.from([0, 0, 0, 13, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0]);
const [unchoke, piece] = [1, 7];

const socket = connect({ host, port: Number(port), localAddress });
socket.on('error', () => {});
socket.on('close', () => process.stdout.write('closed\n'));
socket.write(
  Buffer.concat([
    Buffer.from('\x13BitTorrent protocol'),
    Buffer.alloc(8),
    Buffer.from(infoHash, 'hex'),
    Buffer.from(peerId.padEnd(20, '.')),
    interested,
  ]),
);

let unread = Buffer.alloc(0);
let isGreeted = false;
socket.on('data', (bytes) => {
  unread = Buffer.concat([unread, bytes]);
  if (!isGreeted) {
    if (unread.length < 68) return;
    isGreeted = true;
    unread = unread.subarray(68);
  }
  while (unread.length >= 4) {
    const end = 4 + unread.readUInt32BE(0);
    if (unread.length < end) return;
    const id = end > 4 ? unread[4] : undefined;
    if (id === unchoke) socket.write(request);
    if (id === piece) process.stdout.write('block\n');
    unread = unread.subarray(end);
  }
});
