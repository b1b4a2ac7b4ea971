// Datagrams to our own tracker, with and without a connection id it has given out. After each, an honest announce must
// still be answered, and nothing long may have gone to an address that has proved nothing.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { announceOverUdp } from '../../../src/engine/trackers/announce/udp/udp-announce.js';
import { startTracker } from '../../../src/tracker/start-tracker.js';
import { connectPacket } from '../../../src/tracker-protocol/udp-packets.js';
import { mutateScript, packScript, unpackScript } from '../mutate/script.js';
import { check, type OpenTarget, type Target } from '../target.js';
import { checkAnswer } from './http-tracker-answers.js';
import { announceRequest } from './udp-tracker-answers.js';

/** A connection id that is good is written into the datagram. */
const isConnected = 1;
const connectAnswerBytes = 16;

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const hash = announceRequest.infoHash;
const announce = hex(
  `0000000000000000 00000001 00000009 ${hash} ${'2d'.repeat(20)} ${'00'.repeat(7)}01 ${'00'.repeat(7)}01 ${'00'.repeat(8)} 00000002 00000000 0000ffff ffffffff 1ae1`,
);
const scrape = hex(`0000000000000000 00000002 00000009 ${hash} ${'11'.repeat(20)}`);
const connect = connectPacket(7);

export const trackerUdpRequests: Target = {
  name: 'tracker-udp-requests',
  about: 'datagrams to our tracker',
  samples: () => [
    packScript({ mode: 0, parts: [{ flags: 0, bytes: connect }] }),
    packScript({
      mode: 0,
      parts: [announce, scrape].map((bytes) => ({ flags: isConnected, bytes })),
    }),
    packScript({ mode: 0, parts: [announce, scrape].map((bytes) => ({ flags: 0, bytes })) }),
  ],
  mutate: mutateScript(
    ['\0\0\x04\x17\x27\x10\x19\x80', '\x02\x05/path'],
    [isConnected, isConnected, 0],
    [0],
  ),
  open: openTracker,
};

async function openTracker(): Promise<OpenTarget> {
  const tracker = await startTracker({
    host: '127.0.0.1',
    listen: '127.0.0.1',
    port: { asked: 0 },
    admit: 'registered',
  });
  tracker.register(hash);
  const client = createSocket('udp4');
  client.on('error', () => {});
  client.connect(tracker.port, '127.0.0.1');
  await once(client, 'connect');
  const answers: Buffer[] = [];
  client.on('message', (answer) => answers.push(answer));

  return {
    async run(input) {
      const { parts } = unpackScript(input);
      const proof = await connectionId(client);
      answers.length = 0;
      for (const { flags, bytes } of parts) {
        const datagram = Buffer.from(bytes.subarray(0, 2_000));
        if (flags === isConnected) proof.copy(datagram);
        client.send(datagram);
      }
      // Its answers come after those to the datagrams.
      const proofAgain = await connectionId(client);
      check(proofAgain.length === 8, () => 'no connection id');
      const hasProof = parts.some(({ flags }) => flags === isConnected);
      const longest = Math.max(0, ...answers.map(({ length }) => length));
      check(hasProof || longest <= connectAnswerBytes, () => `${longest} bytes to a stranger`);
      checkAnswer(
        await announceOverUdp(tracker.udpAnnounceUrl, announceRequest, {
          timeoutMs: 3_000,
          retransmitAfterMs: [300, 600, 900],
        }),
      );
    },
    async close() {
      client.close();
      await tracker.close();
    },
  };
}

let transactions = 0;

/** What a connect request is answered with; asked again where a datagram is lost. */
function connectionId(client: Socket): Promise<Buffer> {
  transactions = (transactions + 1) % 2 ** 31;
  const transaction = transactions + 2 ** 31;
  const packet = connectPacket(transaction);
  return new Promise((resolve, reject) => {
    const again = setInterval(() => client.send(packet), 300);
    const settle = () => {
      clearInterval(again);
      clearTimeout(deadline);
      client.off('message', onMessage);
    };
    const deadline = setTimeout(() => {
      settle();
      reject(new Error('the tracker does not answer'));
    }, 3_000);
    const onMessage = (answer: Buffer) => {
      if (answer.length !== connectAnswerBytes || answer.readUInt32BE(4) !== transaction) return;
      settle();
      resolve(answer.subarray(8));
    };
    client.on('message', onMessage);
    client.send(packet);
  });
}
