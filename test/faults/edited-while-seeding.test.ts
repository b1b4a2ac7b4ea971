// Content that somebody edits while it is seeded, by real processes: the honest pieces still come, the changed ones leave us
// wrong at most once, it is said once, and the same instruction publishes what lies there now.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, open, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parseMetainfo } from '../../src/metainfo/parse/parse-metainfo.js';
import { aria2 } from '../interop/clients/installed.js';
import { aria2Options } from '../support/clients/aria2-options.js';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { RecordingPeer } from '../support/peers/recording-peer.js';
import { message, messageIds, numbers } from '../support/peers/wire-messages.js';
import { freePort } from '../support/processes/free-port.js';
import { MiB } from '../support/sizes.js';
import type { Sample } from '../support/torrents/sample-on-disk.js';
import { until } from '../support/waiting.js';

const contentBytes = 4 * MiB;
const blockBytes = 16_384;

let folder: string;
let announceUrl: string;

beforeEach(async () => {
  folder = await scratchFolder();
  // It outlives whoever published.
  const tracker = start(['tracker', '--port', `${await freePort()}`], { cwd: folder });
  announceUrl = await tracker.line(/^http:/);
});

async function begin(name: string, env: Record<string, string> = {}): Promise<HelperProcess> {
  const cwd = join(folder, name);
  await mkdir(cwd, { recursive: true });
  const state = ['--state-dir', join(folder, `${name}-state`)];
  return start(['--no-dht', '--tracker', announceUrl, ...state], { cwd, env });
}

/** Something that is seeded by a process of its own, and as it was when that began. */
interface Seeded extends Sample {
  readonly helper: HelperProcess;
  readonly torrentFile: string;
  readonly port: number;
  /** What it has said on stdout so far. */
  readonly said: readonly string[];
}

async function seeded(
  helper: HelperProcess,
  torrentFile: string,
  contentPath: string,
): Promise<Seeded> {
  const metainfo = parseMetainfo(await readFile(torrentFile), torrentFile);
  const bytes = await readFile(contentPath);
  const port = await helper.peerPort();
  return { metainfo, contentPath, bytes, helper, torrentFile, port, said: [...helper.stdout] };
}

/** A `file:` job. */
async function published(env?: Record<string, string>): Promise<Seeded> {
  const contentPath = await writeRandom(join(folder, 'source/x.bin'), contentBytes);
  const helper = await begin('source', env);
  helper.write('file:x.bin');
  const { torrentFile } = await helper.published(1);
  await helper.line('1:x.bin:100');
  return seeded(helper, torrentFile, contentPath);
}

/** A download that has said 100, and whose source has gone. */
async function downloaded(): Promise<Seeded> {
  const source = await published();
  const helper = await begin('download');
  helper.write(`torrent:${source.torrentFile}`);
  await helper.line('1:x.bin:100');
  source.helper.write('quit:');
  expect(await source.helper.exit()).toBe(0);
  return seeded(helper, source.torrentFile, join(folder, 'download/x.bin'));
}

/** Makes one byte of each of these pieces another, in place. */
async function edit({ contentPath, metainfo }: Seeded, ...indices: readonly number[]) {
  const file = await open(contentPath, 'r+');
  const byte = Buffer.alloc(1);
  for (const index of indices) {
    const at = index * metainfo.pieceLengthBytes + 1_000;
    await file.read(byte, 0, 1, at);
    await file.write(Buffer.of((byte[0] ?? 0) ^ 0xff), 0, 1, at);
  }
  await file.close();
}

/** The same, with the size and the time of before. */
async function editUnseen(content: Seeded, ...indices: readonly number[]) {
  const { atime, mtime } = await stat(content.contentPath);
  await edit(content, ...indices);
  await utimes(content.contentPath, atime, mtime);
}

/** Connected and unchoked; tried again as long as the torrent is not there. */
async function leecher(content: Seeded): Promise<RecordingPeer> {
  for (;;) {
    const peer = new RecordingPeer(content.port, content);
    peer.say(message(messageIds.interested));
    const isUnchoked = () => peer.heard.some(({ id }) => id === messageIds.unchoke);
    await until(() => isUnchoked() || peer.isClosed, 'unchoked');
    if (isUnchoked()) return peer;
    await delay(20);
  }
}

/** Asks for the first block of the piece, and waits for what comes: a block, a no, or the end. */
async function ask(peer: RecordingPeer, { bytes, metainfo }: Seeded, index: number) {
  const from = peer.heard.length;
  const answer = () =>
    peer.heard.slice(from).find(({ id }) => id === messageIds.piece || id === 16);
  peer.say(message(messageIds.request, numbers(index, 0, blockBytes)));
  await until(() => answer() !== undefined || peer.isClosed, 'answered');
  const { id, payload } = answer() ?? {};
  if (id !== messageIds.piece || payload === undefined) return 'refused';
  const start = index * metainfo.pieceLengthBytes;
  return payload.subarray(8).equals(bytes.subarray(start, start + blockBytes)) ? 'good' : 'bad';
}

/** Whatever leaves us of a changed piece is wrong at most once a peer, however often it asks. */
async function expectNothingWrongTwice(content: Seeded, ...indices: readonly number[]) {
  const peer = await leecher(content);
  const answers: string[] = [];
  for (const index of [...indices, ...indices, ...indices]) {
    if (!peer.isClosed) answers.push(await ask(peer, content, index));
  }
  expect(answers.filter((answer) => answer === 'bad').length).toBeLessThanOrEqual(indices.length);
  expect(answers.at(-1)).toBe('refused');
}

/** Another helper gets all but these pieces, and nothing else. */
async function expectAllBut(content: Seeded, ...indices: readonly number[]): Promise<void> {
  const { metainfo, bytes, torrentFile } = content;
  const { pieceCount, pieceLengthBytes, lengthBytes } = metainfo;
  const lostBytes = indices.reduce((sum, index) => sum + metainfo.pieceBytes(index), 0);
  const percent = Math.floor((100 * (lengthBytes - lostBytes)) / lengthBytes);
  const copy = await begin('copy');
  copy.write(`torrent:${torrentFile}`);
  await copy.line(`1:x.bin:${percent}`);
  copy.write('quit:');
  await copy.exit();
  expect(copy.percents(1)).not.toContain(100);
  const found = await readFile(join(folder, 'copy/x.bin'));
  for (let index = 0; index < pieceCount; index++) {
    if (indices.includes(index)) continue;
    const [from, to] = [index * pieceLengthBytes, (index + 1) * pieceLengthBytes];
    expect(found.subarray(from, to).equals(bytes.subarray(from, to))).toBe(true);
  }
}

const changes = ({ helper }: Seeded) =>
  helper.stderr.filter((line) => line.includes('CONTENT_CHANGED'));

/** It was told of once, nothing else was, and the job is what it was. */
async function expectSaidOnce(content: Seeded, ...words: readonly string[]): Promise<void> {
  const { helper, said, contentPath } = content;
  await until(() => changes(content).length > 0, 'told of');
  expect(changes(content)).toHaveLength(1);
  expect(changes(content)[0]).toContain(`: job 1 (x.bin): warning: CONTENT_CHANGED: `);
  for (const word of [basename(contentPath), ...words]) expect(changes(content)[0]).toContain(word);
  expect(helper.stdout).toEqual(said);
  expect(helper.stderr.filter((line) => /DISK_|failed|INTERNAL|ENGINE_CRASH/.test(line))).toEqual(
    [],
  );
  const from = helper.stdout.length;
  helper.write('list:');
  expect(await helper.line(/^1:/, from)).toBe('1:x.bin:100');
}

/** The same instruction again: what lies there now is published under another info hash, and is downloaded whole. */
async function expectPublishedAnew({ helper, contentPath, metainfo }: Seeded): Promise<string> {
  helper.write('file:x.bin');
  const { torrentFile, infoHash } = await helper.published(2);
  expect(infoHash).not.toBe(metainfo.infoHash);
  await helper.line('2:x.bin:100');
  const again = await begin('again');
  again.write(`torrent:${torrentFile}`);
  await again.line('1:x.bin:100');
  expect(await hashOf(join(folder, 'again/x.bin'))).toBe(await hashOf(contentPath));
  return torrentFile;
}

describe('what a file: job publishes', () => {
  it('and somebody edits in place is given out but for what was changed, until it is given again', async () => {
    const content = await published();
    const peer = await leecher(content);
    expect(await ask(peer, content, 0)).toBe('good');
    await edit(content, 1, 5);
    await expectNothingWrongTwice(content, 1, 5);
    await expectAllBut(content, 1, 5);
    await expectSaidOnce(content, 'give it again to publish the new content');
    await expectPublishedAnew(content);
    expect(changes(content)).toHaveLength(1);
  });

  it('and somebody edits without a trace in size and time is found out all the same', async () => {
    const content = await published();
    const peer = await leecher(content);
    expect(await ask(peer, content, 3)).toBe('good');
    await editUnseen(content, 3);
    await expectNothingWrongTwice(content, 3);
    await expectAllBut(content, 3);
    await expectSaidOnce(content);
  });

  it('and somebody edits while it is paused, or while no engine runs, is looked through when it goes on', async () => {
    const order = join(folder, 'fault');
    const fault = join(import.meta.dirname, '../support/engine/engine-fault.mjs');
    const content = await published({ NODE_OPTIONS: `--require=${fault}`, ENGINE_FAULT: order });
    const { helper } = content;
    const before = await leecher(content);
    helper.write('pause:1');
    await until(() => before.isClosed, 'paused');
    await editUnseen(content, 7);
    helper.write('resume:1');
    await expectNothingWrongTwice(content, 7);
    await until(() => changes(content).length === 1, 'told of');
    await writeFile(order, 'throw');
    helper.kill('SIGUSR2');
    await helper.diagnostic(/warning: INTERNAL: the engine stopped/);
    await expectAllBut(content, 7);
    expect(changes(content)).toHaveLength(1);
  });

  it('and somebody cuts short is given out as far as it goes', async () => {
    const content = await published();
    const { pieceCount, pieceLengthBytes } = content.metainfo;
    await truncate(content.contentPath, (pieceCount - 3) * pieceLengthBytes + 10);
    const lost = [pieceCount - 3, pieceCount - 2, pieceCount - 1];
    await expectAllBut(content, ...lost);
    await expectNothingWrongTwice(content, ...lost);
    await expectSaidOnce(content);
    await expectPublishedAnew(content);
  });

  it('and somebody gives another name goes on as if nothing had happened', async () => {
    const content = await published();
    const peer = await leecher(content);
    expect(await ask(peer, content, 0)).toBe('good');
    await link(content.contentPath, join(folder, 'backup'));
    await delay(1_100);
    for (const index of [0, 1, 2, 0]) expect(await ask(peer, content, index)).toBe('good');
    const again = await begin('again');
    again.write(`torrent:${content.torrentFile}`);
    await again.line('1:x.bin:100');
    expect(await hashOf(join(folder, 'again/x.bin'))).toBe(await hashOf(content.contentPath));
    expect(changes(content)).toEqual([]);
    expect(content.helper.stdout).toEqual(content.said);
  });

  it.skipIf(!aria2.isMet)(
    `and somebody edits gives the rest to ${aria2.title}, and all of it once it is given again${aria2.isMet ? '' : ` (${aria2.otherwise})`}`,
    async () => {
      const content = await published();
      const [first, second] = [content.torrentFile, join(folder, 'second')];
      await edit(content, 2);
      const partial = await startAria2(first, join(folder, 'aria2'));
      const { pieceCount } = content.metainfo;
      const [have, all] = [pieceCount - 1, pieceCount];
      await until(
        async () => (await progressOf(partial.statePath, pieceCount)) === have,
        `${have} of ${all}`,
      );
      expect(partial.child.exitCode).toBeNull();
      await expectSaidOnce(content);
      const torrentFile = await expectPublishedAnew(content);
      const whole = await startAria2(torrentFile, second);
      if (whole.child.exitCode === null) await once(whole.child, 'exit');
      expect(whole.child.exitCode).toBe(0);
      expect(await hashOf(join(second, 'x.bin'))).toBe(await hashOf(content.contentPath));
    },
  );
});

describe('a download after its 100', () => {
  it('that somebody edits in place is given out but for what was changed, and is not written to', async () => {
    const content = await downloaded();
    await edit(content, 4);
    const edited = await hashOf(content.contentPath);
    await expectNothingWrongTwice(content, 4);
    await expectAllBut(content, 4);
    await expectSaidOnce(content, 'move it away, and give the job again');
    expect(await hashOf(content.contentPath)).toBe(edited);
  });
});

async function startAria2(torrentFile: string, dir: string) {
  const args = ['--seed-time=0', '--auto-save-interval=1', '--show-console-readout=false'];
  const child = spawn(
    'aria2c',
    [
      ...aria2Options('127.0.0.1'),
      `--listen-port=${await freePort()}`,
      `--dir=${dir}`,
      ...args,
      torrentFile,
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return { child, statePath: join(dir, 'x.bin.aria2') };
}

/** How many pieces aria2 has, by its control file: the bitfield comes behind its length. */
async function progressOf(statePath: string, pieceCount: number): Promise<number> {
  const state = await readFile(statePath).catch(() => Buffer.alloc(0));
  // Version, extension and info hash with its length; then piece length, total length, upload length, bitfield.
  const from = 10 + 20 + 4 + 8 + 8 + 4;
  const bits = state.subarray(from, from + Math.ceil(pieceCount / 8));
  return [...bits].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
}
