// What a seeder tells of its pieces, and that it wants none (BEP 16, BEP 21), to peers that are spoken by hand.
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../../src/engine/engine.js';
import {
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { dialAsSeeder } from '../../../support/peers/hostile-seeder.js';
import { RecordingPeer } from '../../../support/peers/recording-peer.js';
import {
  blockOf,
  extended,
  message,
  messageIds,
  numbers,
} from '../../../support/peers/wire-messages.js';
import { expectContent, type Sample } from '../../../support/torrents/sample-on-disk.js';

const { haveAll, haveNone, bitfield } = messageIds;
const pieceCount = 20;
const lengthBytes = pieceCount * 32_768;
const everyIndex = Array.from({ length: pieceCount }, (_, index) => index);
const sorted = (indices: readonly number[]) => [...indices].sort((one, other) => one - other);

const theirUploadOnlyId = 9;
const understandsUploadOnly = extended(0, `d1:md11:upload_onlyi${theirUploadOnlyId}eee`);
const isUploadOnly = extended(0, 'd1:md11:upload_onlyi9ee11:upload_onlyi1ee');

async function seedingEngine(content: Sample): Promise<Engine> {
  const from = await engine();
  await seed(from, content).until('swarm.completed');
  return from;
}

/** Connected, and told what we have. */
async function leecher(from: Engine, content: Sample, hasFast?: boolean): Promise<RecordingPeer> {
  const peer = new RecordingPeer(from.peerPort, content, hasFast);
  peer.say(understandsUploadOnly);
  await peer.introduction();
  await eventually(() => peer.firstWord).toBeDefined();
  return peer;
}

/** A download that waits for peers, and gets everything from one that dials when it is told to. */
async function startedDownload(content: Sample) {
  const to = await engine();
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  return { to, got, fetch: () => void dialAsSeeder(to.peerPort, content, blockOf) };
}

/** Of the dictionary itself, not of the names of extensions in it. */
const tellsUploadOnly = async (peer: RecordingPeer) =>
  (await peer.introduction()).replace(/1:md.*?ee/s, '').includes('11:upload_onlyi1e');

describe('a seeder', () => {
  test('tells a peer that is alone of everything, and that it wants nothing', async () => {
    const content = await sample({ lengthBytes });
    const peer = await leecher(await seedingEngine(content), content);
    expect(peer.firstWord).toBe(haveAll);
    expect(await tellsUploadOnly(peer)).toBe(true);
    expect(await peer.uploadOnlyId()).toBeGreaterThan(0);
  });

  test('tells the second one of a few pieces, and neither that it has all nor wants none', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    await leecher(from, content);
    const peer = await leecher(from, content);
    expect(peer.firstWord).toBe(haveNone);
    await eventually(() => peer.haves.length).toBe(4);
    expect(new Set(peer.haves).size).toBe(4);
    expect(await tellsUploadOnly(peer)).toBe(false);
    expect(await peer.uploadOnlyId()).toBeGreaterThan(0);
    expect(peer.extensionMessages(theirUploadOnlyId)).toEqual([]);
  });

  test('tells it so as BEP 3 has it where it has no fast extension', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    await leecher(from, content, false);
    const peer = await leecher(from, content, false);
    expect(peer.firstWord).toBe(bitfield);
    const said = peer.heard.find(({ id }) => id === bitfield);
    expect(said?.payload.toString('hex')).toBe('000000');
    await eventually(() => peer.haves.length).toBe(4);
  });

  test('tells the third one of others', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    await leecher(from, content);
    const [second, third] = [await leecher(from, content), await leecher(from, content)];
    await eventually(() => second.haves.length + third.haves.length).toBe(8);
    expect(new Set([...second.haves, ...third.haves]).size).toBe(8);
  });

  test('tells of more as soon as it has what it was told of', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    await leecher(from, content);
    const peer = await leecher(from, content);
    for (let told = 0; told < pieceCount; told++) {
      await eventually(() => peer.haves.length).toBeGreaterThan(told);
      const index = peer.haves[told];
      // The last one makes it a seeder.
      if (index !== undefined && told < pieceCount - 1) peer.say(message(4, numbers(index)));
    }
    expect(sorted(peer.haves)).toEqual(everyIndex);
  });

  test.each(['alone', 'beside a seeder'])('tells it of all the rest when it is %s', async (how) => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    const first = await leecher(from, content);
    const peer = await leecher(from, content);
    await eventually(() => peer.haves.length).toBe(4);
    if (how === 'alone') first.leave();
    else new RecordingPeer(from.peerPort, content).say(message(haveAll));
    await eventually(() => peer.haves.length).toBe(pieceCount);
    expect(sorted(peer.haves)).toEqual(everyIndex);
    await eventually(() => peer.extensionMessages(theirUploadOnlyId)).toEqual(['\x01']);
  });

  test('that has met another one tells everyone of everything from then on', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    const other = new RecordingPeer(from.peerPort, content);
    other.say(message(haveAll));
    await eventually(() => other.isClosed).toBe(true);
    const peers = [await leecher(from, content), await leecher(from, content)];
    expect(peers.map(({ firstWord }) => firstWord)).toEqual([haveAll, haveAll]);
  });

  test('of few pieces tells everyone of everything', async () => {
    const content = await sample({ lengthBytes: 7 * 32_768 });
    const from = await seedingEngine(content);
    const peers = [await leecher(from, content), await leecher(from, content)];
    expect(peers.map(({ firstWord }) => firstWord)).toEqual([haveAll, haveAll]);
  });

  test('gives two downloads beside a silent peer everything', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    await leecher(from, content);
    const got = [
      await download(await engine(), content, [from]),
      await download(await engine(), content, [from]),
    ];
    for (const each of got) {
      await each.until('swarm.completed');
      await expectContent(content, each.contentPath);
    }
  });
});

describe('a peer that lacks pieces and wants none', () => {
  test('is let go when it says so with its handshake, and is no leecher', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    const partial = new RecordingPeer(from.peerPort, content);
    partial.say(message(haveNone), isUploadOnly);
    await eventually(() => partial.isClosed).toBe(true);
    expect((await leecher(from, content)).firstWord).toBe(haveAll);
  });

  test('is let go when it says so later, and the other one is told of all the rest', async () => {
    const content = await sample({ lengthBytes });
    const from = await seedingEngine(content);
    const partial = await leecher(from, content);
    const peer = await leecher(from, content);
    partial.say(extended(await partial.uploadOnlyId(), '\x01'));
    await eventually(() => partial.isClosed).toBe(true);
    await eventually(() => peer.haves.length).toBe(pieceCount);
  });

  test('stays when it wants some after all', async () => {
    const content = await sample({ lengthBytes });
    const { to, got, fetch } = await startedDownload(content);
    const peer = new RecordingPeer(to.peerPort, content);
    peer.say(message(haveNone), isUploadOnly);
    peer.say(extended(await peer.uploadOnlyId(), '\x00'));
    fetch();
    await got.until('swarm.completed');
    peer.say(message(messageIds.interested));
    await eventually(() => peer.heard.some(({ id }) => id === messageIds.unchoke)).toBe(true);
  });

  test('is kept by a download, and let go when that has everything', async () => {
    const content = await sample({ lengthBytes });
    const { to, got, fetch } = await startedDownload(content);
    const partial = new RecordingPeer(to.peerPort, content);
    partial.say(message(haveNone), isUploadOnly, message(messageIds.interested));
    await eventually(() => partial.heard.some(({ id }) => id === messageIds.unchoke)).toBe(true);
    fetch();
    await got.until('swarm.completed');
    await eventually(() => partial.isClosed).toBe(true);
  });
});

test('a download that becomes complete tells so to those who understand it', async () => {
  const content = await sample({ lengthBytes });
  const { to, got, fetch } = await startedDownload(content);
  const understands = await leecher(to, content);
  const doesNot = new RecordingPeer(to.peerPort, content);
  doesNot.say(extended(0, 'd1:mdee'));
  expect(await tellsUploadOnly(understands)).toBe(false);
  expect(await tellsUploadOnly(doesNot)).toBe(false);
  fetch();
  await got.until('swarm.completed');
  await eventually(() => understands.extensionMessages(theirUploadOnlyId)).toEqual(['\x01']);
  await eventually(() => doesNot.haves.length).toBe(pieceCount);
  expect(doesNot.heard.filter(({ id }) => id === messageIds.extended)).toHaveLength(1);
});
