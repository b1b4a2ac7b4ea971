// Shakes hands with the peer of the address, port and info hash that it is given, and does nothing more. Says the id of
// the first message that tells which pieces there are.
import { connect } from 'node:net';
import { readMessages } from '../support/peers/read-messages.js';
import { abilities, handshake, messageIds } from '../support/peers/wire-messages.js';

const [host = '', port = '', infoHash = ''] = process.argv.slice(2);
const socket = connect(Number(port), host);
socket.write(handshake(infoHash, '-XX0000-silent peer!', abilities.extensionsAndFast));
let isTold = false;
readMessages(socket, {
  onMessage(body) {
    const id = body.readUInt8(0);
    if (isTold || id === messageIds.extended) return;
    isTold = true;
    process.stdout.write(`${id}\n`);
  },
});
