// Opens connections and says nothing over them; whichever is closed it opens again. Writes `ready` when there was an
// attempt at each.
//
//     node idle-connections.mjs <own address> <address> <port> <how many>
import { connect } from 'node:net';

const [localAddress, host, port, count] = process.argv.slice(2);
const againAfterMs = 1_000;
let waiting = Number(count);

function open(onAttempted) {
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on('error', () => {});
  // Whether it is let in or not.
  socket.once('connect', onAttempted);
  socket.once('close', () => {
    onAttempted();
    setTimeout(open, againAfterMs, () => {});
  });
  socket.resume();
}

for (let each = 0; each < Number(count); each += 1) {
  let isCounted = false;
  open(() => {
    if (isCounted) return;
    isCounted = true;
    waiting -= 1;
    if (waiting === 0) process.stdout.write('ready\n');
  });
}
