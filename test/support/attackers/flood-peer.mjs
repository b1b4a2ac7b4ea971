// Floods one peer with one kind of message from one address. Argument: JSON with host, port, infoHash, localAddress and
// kind. Prints `flooding`, then now and then how many bytes it could send so far, and `closed` when it was hung up on.
import { connect } from 'node:net';
import { extended, handshakeOf, message, numbers } from './peer-words.mjs';

const { kind, infoHash, ...address } = JSON.parse(process.argv[2] ?? '{}');
const writtenBytes = 64 * 1024;
const names = Array.from({ length: 60 }, (_, nth) => `3:x${10 + nth}i${nth + 1}e`).join('');

/** Our number of an extension is what its number is at the other end, in the order of its names. */
const kinds = {
  'keep-alives': Buffer.alloc(4),
  haves: message(4, numbers(0)),
  cancels: message(8, numbers(0, 0, 16_384)),
  rejects: message(16, numbers(0, 0, 16_384)),
  'interested or not': Buffer.concat([message(2), message(3)]),
  'chokes and unchokes': Buffer.concat([message(0), message(1)]),
  'have all': message(14),
  'suggested pieces': message(13, numbers(0)),
  ports: message(9, Buffer.of(0x1a, 0xe1)),
  'unknown messages': message(99, numbers(0)),
  'handshakes of extensions': extended(0, `d1:md${names}ee`),
  'requests of metadata': extended(1, 'd8:msg_typei0e5:piecei0ee'),
  'unknown extensions': extended(99, 'x'),
};
const said = kinds[kind];
const flood = Buffer.concat(Array(Math.ceil(writtenBytes / said.length)).fill(said));

const socket = connect(address);
socket.on('error', () => {}).on('close', () => process.stdout.write('closed\n'));
socket.write(Buffer.concat([handshakeOf(infoHash), extended(0, 'd1:md11:ut_metadatai1eee')]));
socket.once('data', () => {
  process.stdout.write('flooding\n');
  const go = () => {
    while (!socket.destroyed && socket.write(flood));
  };
  socket.on('drain', go);
  go();
  setInterval(() => process.stdout.write(`${socket.bytesWritten - socket.writableLength}\n`), 100);
});
socket.resume();
