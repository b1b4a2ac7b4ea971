// @ts-check
// Shakes hands with the peer of the address, port and info hash that it is given, and does nothing more. Says the id of
// the first message that tells which pieces there are.
import { connect } from 'node:net';

const [host = '', port = '', infoHash = ''] = process.argv.slice(2);
const extendedId = 20;
const handshakeBytes = 68;

const socket = connect(Number(port), host);
socket.write(
  Buffer.concat([
    Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04', 'latin1'),
    Buffer.from(infoHash, 'hex'),
    Buffer.from('-XX0000-silent peer!'),
  ]),
);
let heard = Buffer.alloc(0);
let isTold = false;
socket.on('data', (chunk) => {
  heard = Buffer.concat([heard, chunk]);
  for (
    let at = handshakeBytes;
    !isTold && at + 4 < heard.length;
    at += 4 + heard.readUInt32BE(at)
  ) {
    const id = heard.readUInt8(at + 4);
    if (id === extendedId) continue;
    isTold = true;
    process.stdout.write(`${id}\n`);
  }
});
