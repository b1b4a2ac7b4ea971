// What a peer says after the handshake to a torrent that is seeded, one that is downloaded, and one of which only the
// info hash is known: over a real socket to a real engine, which must serve an honest peer after each.

import {
  abilities,
  bodyOf,
  framed,
  handshake,
  messageIds,
} from '../../support/peers/wire-messages.js';
import { downloaded, seeded, soughtInfoHash, startFuzzedEngine } from '../engine/fuzzed-engine.js';
import { dial, sayAndHangUp } from '../engine/say-and-hang-up.js';
import { mutateScript, packScript, unpackScript } from '../mutate/script.js';
import type { OpenTarget, Target } from '../target.js';

/** The part goes out as it stands, without a length before it. */
const isRaw = 1;

const lingerMs = 30;
const infoHashes = [seeded.metainfo.infoHash, downloaded.metainfo.infoHash, soughtInfoHash];

const extended = (id: number, payload: string) =>
  bodyOf(messageIds.extended, Buffer.of(id), payload);

const hello = extended(
  0,
  'd1:md6:lt_donti7e11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei150e1:pi6881e4:reqqi250e1:v4:fuzz6:yourip4:\x7f\0\0\x01e',
);
const metadataRequest = extended(1, 'd8:msg_typei0e5:piecei0ee');
const metadataPiece = extended(1, `d8:msg_typei1e5:piecei0e10:total_sizei150ee${'\0'.repeat(150)}`);
const metadataReject = extended(1, 'd8:msg_typei2e5:piecei0ee');
const pex = extended(
  2,
  'd5:added6:\x7f\0\0\x01\0\x017:added.f1:\x018:dropped6:\x7f\0\0\x02\0\x01e',
);
const pex6 = extended(2, `d6:added618:${'\0'.repeat(15)}\x01\0\x018:added6.f1:\x02e`);
const block = new Uint8Array(16_384);

const conversations: readonly (readonly Uint8Array[])[] = [
  [hello, metadataRequest, metadataPiece, metadataReject],
  [hello, pex, pex6],
  [bodyOf(15), bodyOf(2), bodyOf(6, [0, 0, 16_384]), bodyOf(6, [1, 8192, 100])],
  [bodyOf(14), bodyOf(1), bodyOf(7, [0, 0], block), bodyOf(4, [3])],
  [bodyOf(5, '\xf8'), bodyOf(5, '\xff\xff\xff\xff\xff'), bodyOf(1), bodyOf(0), bodyOf(3)],
  [bodyOf(2), bodyOf(6, [4, 0, 1000]), bodyOf(8, [4, 0, 1000]), bodyOf(9, '\x1a\xe1')],
  [bodyOf(13, [1]), bodyOf(17, [2]), bodyOf(16, [0, 0, 16_384])],
  [bodyOf(21, [0]), bodyOf(23), bodyOf(255), bodyOf(20), new Uint8Array()],
  [bodyOf(14), bodyOf(1), ...[0, 1, 2].map((index) => bodyOf(7, [index, 0], block))],
];

const tokens = [
  ...['m', 'ut_metadata', 'ut_pex', 'metadata_size', 'msg_type', 'piece', 'total_size', 'added'],
  ...['added.f', 'added6', 'dropped', 'p', 'v', 'reqq', 'yourip', 'ipv4', 'e', 'upload_only'],
  ...['__proto__', 'constructor', 'handshake', 'onMessage'],
];

export const peerMessages: Target = {
  name: 'peer-messages',
  about: 'messages of a peer after the handshake, to a real engine',
  samples: () => [
    ...infoHashes.flatMap((_, mode) =>
      conversations.map((bodies) =>
        packScript({ mode, parts: bodies.map((bytes) => ({ flags: 0, bytes })) }),
      ),
    ),
    packScript({ mode: 0, parts: [{ flags: isRaw, bytes: Buffer.from('7fffffff07', 'hex') }] }),
  ],
  mutate: mutateScript(
    tokens,
    [0, 0, 0, isRaw],
    // The torrent, and whether to stay for a while.
    [...infoHashes, ...infoHashes].map((_, mode) => mode),
  ),
  open: openEngine,
};

async function openEngine(): Promise<OpenTarget> {
  const fuzzed = await startFuzzedEngine();
  let peers = 0;
  return {
    async run(input) {
      const { mode, parts } = unpackScript(input);
      const infoHash = infoHashes[mode % infoHashes.length] ?? soughtInfoHash;
      peers += 1;
      await sayAndHangUp(
        dial(fuzzed.engine.peerPort),
        [
          handshake(infoHash, `-FU0000-${peers}`, abilities.all),
          ...parts.map(({ flags, bytes }) => (flags === isRaw ? bytes : framed(bytes))),
        ],
        mode < infoHashes.length ? 0 : lingerMs,
      );
      await fuzzed.expectHealth();
    },
    close: () => fuzzed.close(),
  };
}
