// Somebody who is named as a peer and is none: hangs up on everyone who connects, and says at which port that was.
// Argument: JSON with host, firstPort and ports (how many). Says `listening` first.
import { once } from 'node:events';
import { createServer } from 'node:net';

const { host, firstPort, ports } = JSON.parse(process.argv[2] ?? '{}');

for (let port = firstPort; port < firstPort + ports; port += 1) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.destroy();
    process.stdout.write(`${port}\n`);
  });
  await once(server.listen(port, host), 'listening');
}
process.stdout.write('listening\n');
