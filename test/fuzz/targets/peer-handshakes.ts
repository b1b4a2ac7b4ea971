// Whoever connects to the peer port, before anything is agreed: rubbish, handshakes (BEP 3), and encrypted ones
// (message stream encryption), of which the encrypted header is fuzzed too. The engine must serve an honest peer after.

import { abilities, handshake, message, messageIds } from '../../support/peers/wire-messages.js';
import { cryptoHeader, exchangeKeys, publicKey } from '../engine/encrypted-dial.js';
import { downloaded, seeded, startFuzzedEngine } from '../engine/fuzzed-engine.js';
import { dial, sayAndHangUp } from '../engine/say-and-hang-up.js';
import { mutateScript, packScript, unpackScript } from '../mutate/script.js';
import type { OpenTarget, Target } from '../target.js';

/** `encrypted`: keys are exchanged first, and what is in the parts goes out encrypted. */
const modes = { plain: 0, encrypted: 1 };

const { infoHash } = seeded.metainfo;
const shaken = handshake(infoHash, '-FU0000-', abilities.all);
const interested = message(messageIds.interested);
const script = (mode: number, ...parts: readonly Uint8Array[]) =>
  packScript({ mode, parts: parts.map((bytes) => ({ flags: 0, bytes })) });

export const peerHandshakes: Target = {
  name: 'peer-handshakes',
  about: 'connections to the peer port before a handshake, encrypted ones too',
  samples: () => [
    script(modes.plain, shaken, interested),
    script(modes.plain, handshake(downloaded.metainfo.infoHash, '-FU0000-', abilities.all)),
    script(modes.plain, handshake('f'.repeat(40), '-FU0000-', abilities.all)),
    script(modes.plain, publicKey, new Uint8Array(200)),
    script(modes.plain, new Uint8Array(96)),
    script(modes.plain, Buffer.alloc(96, 0xff), Buffer.alloc(512, 0xff)),
    script(modes.encrypted, cryptoHeader(2, new Uint8Array()), shaken, interested),
    script(modes.encrypted, cryptoHeader(3, shaken), interested),
    script(modes.encrypted, cryptoHeader(1, shaken), interested),
  ],
  mutate: mutateScript(
    ['\x13BitTorrent protocol', '\0'.repeat(8), '\0\0\0\x03'],
    [0],
    // Encrypted ones take ten times as long.
    [modes.plain, modes.plain, modes.plain, modes.encrypted],
  ),
  open: openEngine,
};

async function openEngine(): Promise<OpenTarget> {
  const fuzzed = await startFuzzedEngine();
  return {
    async run(input) {
      const { mode, parts } = unpackScript(input);
      const chunks = parts.map(({ bytes }) => bytes);
      const socket = dial(fuzzed.engine.peerPort);
      if (mode % 2 === modes.plain) await sayAndHangUp(socket, chunks);
      else {
        const agreed = await exchangeKeys(socket, infoHash);
        const said = agreed === undefined ? [] : [agreed.proof, ...chunks.map(agreed.encrypt)];
        await sayAndHangUp(socket, said);
      }
      await fuzzed.expectHealth();
    },
    close: () => fuzzed.close(),
  };
}
