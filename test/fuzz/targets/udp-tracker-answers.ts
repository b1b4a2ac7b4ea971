// What a UDP tracker answers: every packet to the reader, then the conversation over a real socket.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AnnounceRequest } from '../../../src/engine/trackers/announce/announce-request.js';
import { announceOverUdp } from '../../../src/engine/trackers/announce/udp/udp-announce.js';
import {
  readAnnounceAnswer,
  readConnectAnswer,
} from '../../../src/engine/trackers/announce/udp/udp-answer.js';
import { answersTo } from '../../../src/tracker-protocol/udp-packets.js';
import { mutateScript, type Part, packScript, unpackScript } from '../mutate/script.js';
import type { OpenTarget, Target } from '../target.js';
import { checkAnswer, checkTrackerError } from './http-tracker-answers.js';

/** The transaction id of the request is written into the answer. */
const isAnswer = 1;

const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const connected = { flags: isAnswer, bytes: hex('00000000 00000000 0102030405060708') };
const announced = {
  flags: isAnswer,
  bytes: hex('00000001 00000000 0000003c 00000001 00000002 7f000001 1ae1 7f000002 1ae1'),
};
const refused = { flags: isAnswer, bytes: Buffer.from('\0\0\0\x03\0\0\0\0not today', 'latin1') };

export const udpTrackerAnswers: Target = {
  name: 'udp-tracker-answers',
  about: 'packets of UDP trackers, alone and over a socket',
  samples: () => [
    packScript({ mode: 0, parts: [connected, announced] }),
    packScript({ mode: 0, parts: [refused] }),
    packScript({ mode: 0, parts: [connected, { ...announced, flags: 0 }, refused] }),
  ],
  mutate: mutateScript(['\0\0\0\x03', '\xff\xff\xff\xff'], [isAnswer, isAnswer, isAnswer, 0], [0]),
  open: openTracker,
};

export const announceRequest: AnnounceRequest = {
  infoHash: '00ff207e41802b25263d0a0d1122334455667788',
  peerId: '00'.repeat(20),
  port: 6881,
  uploadedBytes: 1,
  downloadedBytes: 2,
  leftBytes: 3,
  numWant: 50,
  key: '89abcdef',
};

const unansweredMs = 25;

async function openTracker(): Promise<OpenTarget> {
  let left: readonly Part[] = [];
  const tracker = createSocket('udp4');
  // Every request is answered with the packets up to the next one that says it is its answer.
  tracker.on('message', (request, { port }) => {
    const until = left.findIndex(({ flags }) => flags === isAnswer) + 1;
    const answers = left.slice(0, until || left.length);
    left = left.slice(answers.length);
    for (const { flags, bytes } of answers) {
      const packet = Buffer.from(bytes);
      if (flags === isAnswer && packet.length >= 8) request.copy(packet, 4, 12, 16);
      tracker.send(packet, port, '127.0.0.1');
    }
  });
  await once(tracker.bind(0, '127.0.0.1'), 'listening');
  const url = `udp://127.0.0.1:${tracker.address().port}/announce`;
  return {
    async run(input) {
      const { parts } = unpackScript(input);
      for (const { bytes } of parts) readPacket(url, Buffer.from(bytes));
      left = parts;
      try {
        checkAnswer(
          await announceOverUdp(url, announceRequest, {
            timeoutMs: unansweredMs,
            retransmitAfterMs: [],
          }),
        );
      } catch (thrown) {
        checkTrackerError(thrown);
      }
    },
    async close() {
      tracker.close();
    },
  };
}

function readPacket(url: string, packet: Buffer): void {
  if (packet.length < 8 || !answersTo(packet, packet.readUInt32BE(4))) return;
  const readers = [
    () => readConnectAnswer(url, packet),
    () => checkAnswer(readAnnounceAnswer(url, packet, 'IPv4')),
    () => checkAnswer(readAnnounceAnswer(url, packet, 'IPv6')),
  ];
  for (const read of readers) {
    try {
      read();
    } catch (thrown) {
      checkTrackerError(thrown);
    }
  }
}
