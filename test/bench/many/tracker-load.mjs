// @ts-check
// Announces as fast as a tracker answers them: over UDP (BEP 15) a window of them at a time, over HTTP on one connection that is
// kept, one after the other.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

const host = '127.0.0.1';
const window = 64;
const retryMs = 1_000;
const answerBytes = 20;

/**
 * Peers are told apart by their ports; every `ports` of them are a torrent's.
 *
 * @typedef {object} Load
 * @property {number} port Of the tracker.
 * @property {number} announces
 * @property {number} torrents
 * @property {number} [firstPort]
 */

/**
 * Resolves with how many peers an answer named at the most.
 *
 * @param {Load} load
 */
export async function announceOverUdp({ port, announces, torrents, firstPort = 1 }) {
  const { socket, connectionId } = await connectOverUdp(port);
  const packet = Buffer.alloc(98);
  packet.set(connectionId);
  packet.writeUInt32BE(1, 8);
  packet.writeUInt32BE(1, 67);
  packet.writeInt32BE(50, 92);
  const send = (/** @type {number} */ nth) => {
    const torrent = nth % torrents;
    const peer = firstPort + Math.floor(nth / torrents);
    packet.writeUInt32BE(nth, 12);
    packet.set(infoHashOf(torrent), 16);
    packet.writeUInt32BE(nth, 40);
    packet.writeUInt16BE(peer & 0xffff || 1, 96);
    socket.send(Buffer.from(packet));
  };
  let sent = 0;
  let mostPeers = 0;
  /** @type {Set<number>} */
  const unanswered = new Set();
  const sendMore = () => {
    for (; unanswered.size < window && sent < announces; sent += 1) {
      unanswered.add(sent);
      send(sent);
    }
  };
  const timer = setInterval(() => {
    for (const nth of unanswered) send(nth);
  }, retryMs);
  await new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    socket.on('message', (answer) => {
      if (answer.readUInt32BE(0) !== 1) reject(new Error(`refused: ${answer.subarray(8)}`));
      mostPeers = Math.max(mostPeers, (answer.length - answerBytes) / 6);
      unanswered.delete(answer.readUInt32BE(4));
      sendMore();
      if (unanswered.size === 0) resolve();
    });
    sendMore();
  });
  clearInterval(timer);
  socket.close();
  return mostPeers;
}

/**
 * A tracker that hangs up after each answer is connected to anew.
 *
 * @param {Load} load
 */
export async function announceOverHttp({ port, announces, torrents, firstPort = 1 }) {
  for (let nth = 0; nth < announces; ) {
    const socket = connect(port, host);
    await once(socket, 'connect');
    const answered = await askInTurn(socket, announces - nth, (turn) => {
      const hash = percentEncoded(infoHashOf((nth + turn) % torrents));
      const peer = (firstPort + Math.floor((nth + turn) / torrents)) & 0xffff || 1;
      const rest = `port=${peer}&uploaded=0&downloaded=0&left=1&compact=1&numwant=50`;
      const id = `-XX0000-${`${nth + turn}`.padStart(12, '0')}`;
      return `/announce?info_hash=${hash}&peer_id=${id}&${rest}`;
    });
    if (answered === 0) throw new Error('the tracker hung up without an answer');
    nth += answered;
  }
}

/**
 * How many were answered before the tracker hung up, if it did.
 *
 * @param {import('node:net').Socket} socket
 * @param {number} most
 * @param {(turn: number) => string} pathOf
 * @returns {Promise<number>}
 */
function askInTurn(socket, most, pathOf) {
  return new Promise((resolve) => {
    let answered = 0;
    let had = Buffer.alloc(0);
    const send = () => socket.write(`GET ${pathOf(answered)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    // Its end follows.
    socket.on('error', () => {});
    socket.on('close', () => resolve(answered));
    socket.on('data', (bytes) => {
      had = had.length === 0 ? bytes : Buffer.concat([had, bytes]);
      const head = had.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(had.toString('latin1'))?.[1]);
      if (head < 0 || had.length < head + 4 + length) return;
      had = Buffer.alloc(0);
      answered += 1;
      if (answered < most) send();
      else socket.destroy();
    });
    send();
  });
}

/**
 * How many peers the tracker holds of these torrents, at most 74, over UDP.
 *
 * @param {number} port
 * @param {readonly number[]} torrents
 */
export async function scrapePeers(port, torrents) {
  const { socket, connectionId } = await connectOverUdp(port);
  const packet = Buffer.alloc(16 + 20 * torrents.length);
  packet.set(connectionId);
  packet.writeUInt32BE(2, 8);
  for (const [index, torrent] of torrents.entries()) {
    packet.set(infoHashOf(torrent), 16 + 20 * index);
  }
  socket.send(packet);
  const [answer] = /** @type {[Buffer]} */ (await once(socket, 'message'));
  socket.close();
  let peers = 0;
  for (let at = 8; at < answer.length; at += 12) {
    peers += answer.readUInt32BE(at) + answer.readUInt32BE(at + 8);
  }
  return peers;
}

/** @param {number} port */
async function connectOverUdp(port) {
  const socket = createSocket('udp4');
  socket.connect(port, host);
  await once(socket, 'connect');
  const connecting = Buffer.alloc(16);
  connecting.writeBigUInt64BE(0x41727101980n);
  socket.send(connecting);
  const [connected] = /** @type {[Buffer]} */ (await once(socket, 'message'));
  return { socket, connectionId: connected.subarray(8, 16) };
}

/**
 * Of 20 bytes.
 *
 * @param {number} torrent
 */
export function infoHashOf(torrent) {
  const hash = Buffer.alloc(20, 'a');
  hash.writeUInt32BE(torrent);
  return hash;
}

/** @param {Buffer} bytes */
function percentEncoded(bytes) {
  return bytes.toString('hex').replace(/../g, '%$&');
}
