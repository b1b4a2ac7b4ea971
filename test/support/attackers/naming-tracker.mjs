// A tracker that names the peers it was given to everybody who announces. Argument: JSON with host and peers, `ip:port`
// each. Says its announce URL, and `announced` for each announce.
import { createServer } from 'node:http';

const { host, peers } = JSON.parse(process.argv[2] ?? '{}');

const compact = Buffer.from(
  peers.flatMap((/** @type {string} */ peer) => {
    const [ip = '', port = ''] = peer.split(':');
    return [...ip.split('.').map(Number), Number(port) >> 8, Number(port) & 0xff];
  }),
);
const head = Buffer.from(`d8:intervali1800e5:peers${compact.length}:`);
const answer = Buffer.concat([head, compact, Buffer.from('e')]);

const server = createServer((_, response) => {
  response.end(answer);
  process.stdout.write('announced\n');
});
server.listen(0, host, () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  process.stdout.write(`http://${host}:${port}/announce\n`);
});
