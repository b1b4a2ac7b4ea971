// Begins encrypted handshakes from ADDRESS, one after the other, and goes no further: HOST PORT COUNT ADDRESS
// Prints `answered N`, how many were answered, at the end.
import { connect } from 'node:net';

const [host, port, count, localAddress] = process.argv.slice(2);
const publicKey = Buffer.alloc(96, 0x41);

function exchange() {
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => {});
  socket.write(publicKey);
  return new Promise((resolve) => {
    socket.on('data', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('close', () => resolve(false));
  });
}

let answered = 0;
for (let nth = 0; nth < Number(count); nth++) if (await exchange()) answered += 1;
process.stdout.write(`answered ${answered}\n`);
