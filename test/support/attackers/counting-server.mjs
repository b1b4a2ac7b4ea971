// A web server and UDP tracker that says who was asked: `GET PATH`, or `UDP`. It has the files it was given; /to/URL
// redirects to URL; /last/… takes an announce, and so no further tracker is asked; all else it refuses. Argument: JSON with
// port and files, a path and its bytes in base64 each. Says `listening` first, and every line of stdin when all before it
// is said.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';

const { port, files = {} } = JSON.parse(process.argv[2] ?? '{}');
const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);

const server = createServer(({ url = '' }, response) => {
  const [path = ''] = url.split('?');
  say(`GET ${path}`);
  const [, first, second = ''] = path.split('/');
  if (first === 'to') {
    response.writeHead(302, { location: decodeURIComponent(second) }).end();
  } else if (first === 'last') response.end('d8:intervali1800e5:peers0:e');
  else if (files[path] !== undefined) response.end(Buffer.from(files[path], 'base64'));
  else response.writeHead(404).end();
});
const socket = createSocket('udp6');
socket.on('message', (packet, { address, port: from }) => {
  say('UDP');
  const error = Buffer.alloc(4);
  error.writeUInt32BE(3);
  socket.send(Buffer.concat([error, packet.subarray(12, 16), Buffer.from('no')]), from, address);
});
process.stdin.on('data', (line) => process.stdout.write(line));

await once(server.listen(port, '::'), 'listening');
socket.bind(port, '::');
await once(socket, 'listening');
say('listening');
