// Peers that say all of a long bitfield but its last byte, and nothing more. Argument: JSON with host, port, infoHash,
// addresses, peers (how many from each) and bitfieldBytes. Prints `said` when all have said it or were hung up on.
import { connect } from 'node:net';
import { handshakeOf, numbers } from './peer-words.mjs';

const { host, port, infoHash, addresses, peers, bitfieldBytes } = JSON.parse(
  process.argv[2] ?? '{}',
);
const half = Buffer.concat([
  numbers(1 + bitfieldBytes),
  Buffer.of(5),
  Buffer.alloc(bitfieldBytes - 1),
]);

function say(localAddress) {
  const socket = connect({ host, port, localAddress });
  socket.on('error', () => {}).resume();
  socket.write(handshakeOf(infoHash));
  return new Promise((resolve) => {
    socket.once('data', () => socket.write(half, resolve));
    socket.once('close', resolve);
  });
}

await Promise.all(addresses.flatMap((each) => Array.from({ length: peers }, () => say(each))));
process.stdout.write('said\n');
