// A peer that floods with one kind of message after the other, at a pace that leaves room for others on a small machine,
// and dials again as often as it is hung up on. Writes `ready` when it was greeted for the first time.
//
//     node restless-peer.mjs <own address> <address> <port> <info hash>
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const [localAddress, host, port, infoHash = ''] = process.argv.slice(2);
const againAfterMs = 250;
const everyMs = 50;
const floodBytes = 4_096;
const floods = [
  '00000000', // keep-alives
  '000000050400000000', // haves
  '0000000d08000000000000000000004000', // cancels
  '0000000d06000000000000000000004000', // requests
  '0000000102', // interested
  '0000000563000000ff', // unknown
].map((message) =>
  Buffer.from(message.repeat(Math.ceil((2 * floodBytes) / message.length)), 'hex'),
);
let isReady = false;
let dials = 0;

function dial() {
  const flood = floods[dials++ % floods.length] ?? Buffer.alloc(4);
  const socket = connect({ host, port: Number(port), localAddress });
  const protocol = Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04', 'latin1');
  socket.write(Buffer.concat([protocol, Buffer.from(infoHash, 'hex'), randomBytes(20)]));
  socket.on('error', () => {}).resume();
  socket.once('data', () => {
    if (!isReady) process.stdout.write('ready\n');
    isReady = true;
    const timer = setInterval(() => socket.writableNeedDrain || socket.write(flood), everyMs);
    socket.once('close', () => clearInterval(timer));
  });
  socket.once('close', () => setTimeout(dial, againAfterMs));
}

dial();
