// Extension messages (BEP 9, 10, 11) whose bencoding is not as it should be: what can be read of them is, and nobody is
// hung up on.
import { expect, test } from 'vitest';
import {
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { RecordingPeer } from '../../../support/peers/recording-peer.js';
import { extended } from '../../../support/peers/wire-messages.js';

/** A number too large, one that is none, a key twice, and what follows the dictionary. */
const flawed = (entries: string) =>
  `d${entries}1:xi99999999999999999999e1:yi1.5e1:zi007e1:zi8ee<!-- in 0.01 s -->`;
const hello = extended(0, flawed('1:md11:ut_metadatai3e6:ut_pexi-0ee'));

async function idOf(peer: RecordingPeer, name: string): Promise<number> {
  const said = await peer.introduction();
  return Number(new RegExp(`${name.length}:${name}i(\\d+)e`).exec(said)?.[1]);
}

test('a peer whose handshake of extensions and requests have flaws is given the metadata', async () => {
  const content = await sample({ isPrivate: false });
  const from = await engine();
  await seed(from, content).until('swarm.completed');
  const peer = new RecordingPeer(from.peerPort, content);
  const id = await idOf(peer, 'ut_metadata');
  peer.say(hello, extended(id, 'what?'), extended(id, 'd8:msg_typei00e5:piecei0e1:xi1.5ee '));
  await eventually(() => peer.extensionMessages(3)).toHaveLength(1);
  const [answer = ''] = peer.extensionMessages(3);
  expect(answer).toMatch(/^d8:msg_typei1e5:piecei0e/);
  expect(answer.endsWith(Buffer.from(content.metainfo.info).toString('latin1'))).toBe(true);
  expect(peer.isClosed).toBe(false);
});

test('a peer whose peer exchange has flaws is believed, and stays', async () => {
  const content = await sample({ isPrivate: false });
  const [from, to] = [await engine(), await engine()];
  await seed(from, content).until('swarm.completed');
  const got = await download(to, content, []);
  await got.until('swarm.joined');
  const peer = new RecordingPeer(to.peerPort, content);
  const id = await idOf(peer, 'ut_pex');
  const port = Buffer.of(from.peerPort >> 8, from.peerPort & 255).toString('latin1');
  peer.say(hello, extended(id, flawed(`5:added6:\x7f\0\0\x01${port}`)));
  await got.until('swarm.completed');
  expect(peer.isClosed).toBe(false);
});
