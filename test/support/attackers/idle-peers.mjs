// Peers that take every connection, greet, and say nothing more, so as to be held on to. Argument: JSON with host,
// firstPort and ports (how many). Says `listening`, then a line for each greeting.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const { host, firstPort, ports } = JSON.parse(process.argv[2] ?? '{}');
const keepAliveMs = 30_000;
const protocol = Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\0\0\0', 'latin1');
const infoHashEnd = protocol.length + 20;

for (let port = firstPort; port < firstPort + ports; port += 1) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (handshake) => {
      const infoHash = handshake.subarray(protocol.length, infoHashEnd);
      socket.write(Buffer.concat([protocol, infoHash, randomBytes(20)]));
      const timer = setInterval(() => socket.write(Buffer.alloc(4)), keepAliveMs);
      socket.once('close', () => clearInterval(timer));
      process.stdout.write('greeted\n');
    });
  });
  await once(server.listen(port, host), 'listening');
}
process.stdout.write('listening\n');
