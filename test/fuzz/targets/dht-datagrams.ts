// What nodes of the DHT (BEP 5) send: answers to our queries, and datagrams that nobody asked for, to a real socket.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createDht } from '../../../src/engine/peers/dht.js';
import { BencodeDictionary } from '../../../src/metainfo/bencode-values.js';
import { decodeBencode } from '../../../src/metainfo/decode-bencode.js';
import { within } from '../engine/say-and-hang-up.js';
import { mutateScript, type Part, packScript, unpackScript } from '../mutate/script.js';
import { check, type OpenTarget, type Target } from '../target.js';

/** The transaction id of the query replaces that of the sample's. */
const isAnswer = 1;
const transaction = Buffer.from('1:t2:??');

const infoHash = '00ff207e41802b25263d0a0d1122334455667788';
const id = 'abcdefghij0123456789';
const node = `${'n'.repeat(20)}\x7f\0\0\x01\x1a\xe1`;
const hostileMs = 30;
const closeMs = 3_000;

const answer = (text: string) => ({ flags: isAnswer, bytes: Buffer.from(text, 'latin1') });
const unasked = (text: string) => ({ flags: 0, bytes: Buffer.from(text, 'latin1') });
const found = answer(
  `d1:rd2:id20:${id}5:nodes26:${node}5:token4:tokn6:valuesl6:\x7f\0\0\x01\x1a\xe1ee1:t2:??1:y1:re`,
);
const closer = answer(`d1:rd2:id20:${id}5:nodes26:${node}e1:t2:??1:y1:re`);

export const dhtDatagrams: Target = {
  name: 'dht-datagrams',
  about: 'datagrams of DHT nodes',
  samples: () => [
    packScript({ mode: 0, parts: [closer, found, answer(`d1:rd2:id20:${id}e1:t2:??1:y1:re`)] }),
    packScript({ mode: 0, parts: [answer('d1:eli203e4:nopee1:t2:??1:y1:ee'), closer, found] }),
    packScript({
      mode: 0,
      parts: [
        unasked(`d1:ad2:id20:${id}e1:q4:ping1:t2:aa1:y1:qe`),
        unasked(`d1:ad2:id20:${id}6:target20:${id}e1:q9:find_node1:t2:aa1:y1:qe`),
        unasked(`d1:ad2:id20:${id}9:info_hash20:${id}e1:q9:get_peers1:t2:aa1:y1:qe`),
        unasked(
          `d1:ad2:id20:${id}12:implied_porti1e9:info_hash20:${id}4:porti1e5:token4:tokne1:q13:announce_peer1:t2:aa1:y1:qe`,
        ),
        found,
      ],
    }),
  ],
  mutate: mutateScript(
    [
      'id',
      'nodes',
      'nodes6',
      'values',
      'token',
      'r',
      'a',
      'q',
      'y',
      't',
      'e',
      'v',
      id,
      node,
      'ping',
    ],
    [isAnswer, isAnswer, isAnswer, 0],
    [0],
  ),
  open: openNode,
};

async function openNode(): Promise<OpenTarget> {
  let parts: readonly Part[] = [];
  let answered = 0;
  let wake = () => {};
  const hostile = createSocket('udp4');
  hostile.on('error', () => {});
  hostile.on('message', (query, { port }) => {
    const asked = transactionOf(query);
    const answers = parts.filter(({ flags }) => flags === isAnswer);
    const part = answers[answered % Math.max(answers.length, 1)];
    answered += 1;
    if (part !== undefined) hostile.send(withTransaction(part.bytes, asked), port, '127.0.0.1');
    for (const { flags, bytes } of parts) {
      if (flags !== isAnswer && answered === 1) hostile.send(bytes, port, '127.0.0.1');
    }
    if (answered > 2 * parts.length + 4) wake();
  });
  await once(hostile.bind(0, '127.0.0.1'), 'listening');
  const bootstrap = [`127.0.0.1:${hostile.address().port}`];
  return {
    async run(input) {
      ({ parts } = unpackScript(input));
      answered = 0;
      const peers: string[] = [];
      const dht = createDht(bootstrap);
      const enough = new Promise<void>((resolve) => {
        wake = resolve;
      });
      dht.search(infoHash, 6881, (peer) => peers.push(peer));
      await within(hostileMs, enough);
      const startedAt = performance.now();
      await within(closeMs, dht.close());
      check(performance.now() - startedAt < closeMs, () => 'the DHT does not close');
      check(answered > 0, () => 'the DHT asks nobody');
      check(
        peers.every((peer) => typeof peer === 'string'),
        () => 'a peer is no text',
      );
    },
    async close() {
      hostile.close();
    },
  };
}

function transactionOf(query: Buffer): Uint8Array {
  const decoded = decodeBencode(query);
  const asked = decoded instanceof BencodeDictionary ? decoded.get('t') : undefined;
  return asked instanceof Uint8Array ? asked : new Uint8Array(2);
}

function withTransaction(bytes: Uint8Array, asked: Uint8Array): Buffer {
  const packet = Buffer.from(bytes);
  const at = packet.indexOf(transaction);
  if (at >= 0) packet.set(asked.subarray(0, 2), at + transaction.length - 2);
  return packet;
}
