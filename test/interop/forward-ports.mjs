// A port forwarding as a NAT or a container has it: takes connections to each port given at one address, and hands
// them on to the same port at another. Writes `ready` when it does.
//
//     node forward-ports.mjs <outer address> <inner address> <port> …
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [outer, inner, ...ports] = process.argv.slice(2);

for (const port of ports) {
  const server = createServer((taken) => {
    const handedOn = connect({ host: inner, port });
    // Whatever ends one side ends the other.
    pipeline(taken, handedOn, taken, () => {});
  });
  server.listen({ host: outer, port });
  await once(server, 'listening');
}
process.stdout.write('ready\n');
