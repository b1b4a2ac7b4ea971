// Announces a great deal to a UDP tracker from one address: many ports of one torrent, or one port of many torrents that
// there are not. Writes how many were taken and how many refused when it is through, or has been refused a thousand times.
//
//     node announce-many.mjs <own address> <tracker's address> <its port> <how many> [info hash]
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [ownAddress, address, port, count, infoHash] = process.argv.slice(2);
/** Under way at a time: as many as its socket's buffer holds. */
const window = 64;
const lostAfterMs = 1_000;
const mostRefusals = 1_000;

const socket = createSocket('udp4');
socket.bind(0, ownAddress);
await once(socket, 'listening');
const send = (packet) => socket.send(packet, Number(port), address);

send(Buffer.from('000004172710198000000000aabbccdd', 'hex'));
const [welcome] = await once(socket, 'message');
const connectionId = welcome.subarray(8, 16);

const counts = { taken: 0, refused: 0 };
const unanswered = new Map();
let sent = 0;

function announce(number) {
  const packet = Buffer.alloc(98);
  packet.set(connectionId);
  packet.writeUInt32BE(1, 8);
  packet.writeUInt32BE(number, 12);
  packet.set(infoHash === undefined ? randomBytes(20) : Buffer.from(infoHash, 'hex'), 16);
  packet.set(randomBytes(20), 36);
  packet.writeUInt32BE(1, 92);
  packet.writeUInt16BE(infoHash === undefined ? 1 : 2_000 + (number % 60_000), 96);
  return packet;
}

function sendMore() {
  while (unanswered.size < window && sent < Number(count)) {
    const packet = announce(sent);
    unanswered.set(sent, packet);
    send(packet);
    sent += 1;
  }
}

socket.on('message', (answer) => {
  if (!unanswered.delete(answer.readUInt32BE(4))) return;
  counts[answer.readUInt32BE(0) === 1 ? 'taken' : 'refused'] += 1;
  sendMore();
  if (unanswered.size > 0 && counts.refused < mostRefusals) return;
  process.stdout.write(`${counts.taken} taken, ${counts.refused} refused\n`);
  process.exit();
});
setInterval(() => {
  for (const packet of unanswered.values()) send(packet);
}, lostAfterMs);
sendMore();
