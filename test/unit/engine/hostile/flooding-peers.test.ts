// Peers that say too much: they are not read from until it is in order again, whoever dialled whom, and then they are.
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createDataPath } from '../../../../src/engine/data-path/create-data-path.js';
import { workLimits } from '../../../../src/limits.js';
import { download, engine, eventually, sample } from '../../../support/engine/engine-setup.js';
import { readMessages } from '../../../support/peers/read-messages.js';
import { abilities, extended, handshake, message } from '../../../support/peers/wire-messages.js';
import { listenOn } from '../../../support/web/listen-on.js';

/** A second's work too much. */
const keepAlives = new Uint8Array(4 * (workLimits.savedUnits + workLimits.unitsPerSecond));
const metadataRequest = extended(1, 'd8:msg_typei0e5:piecei0ee');

test.each(['is dialled', 'dials'])('a peer that %s and floods waits, and goes on', async (who) => {
  const content = await sample();
  const dataPath = createDataPath({});
  const to = await engine({}, dataPath);
  let answers = 0;
  const sockets: Socket[] = [];
  const greet = (socket: Socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    const { infoHash } = content.metainfo;
    socket.write(handshake(infoHash, undefined, abilities.extensions));
    socket.write(extended(0, 'd1:md11:ut_metadatai1eee'));
    readMessages(socket, {
      onMessage: (body) => {
        if (body[0] === 20 && body[1] === 1) answers += 1;
      },
    });
    sockets.push(socket);
  };
  const server = createServer(greet);
  onTestFinished(() => void server.close());
  const peers = who === 'is dialled' ? [`127.0.0.1:${await listenOn(server)}`] : [];
  await (await download(to, content, [], { peers })).until('swarm.checked');
  if (who === 'dials') greet(connect(to.peerPort, '127.0.0.1'));
  await eventually(() => sockets.length).toBe(1);
  const [socket] = sockets;

  socket?.write(metadataRequest);
  await eventually(() => answers).toBe(1);
  socket?.write(keepAlives);
  await eventually(() => dataPath.work.waitingCount).toBe(1);
  socket?.write(Buffer.concat([message(2), metadataRequest]));
  await eventually(() => dataPath.work.waitingCount).toBe(0);
  await eventually(() => answers).toBe(2);
  expect(socket?.destroyed).toBe(false);
});
