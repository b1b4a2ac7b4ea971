// What a swarm costs, counted and not timed: looks at pieces for what peers tell, and words said about what is ours.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { PiecePicker } from '../../../../src/engine/data-path/pieces/piece-picker.js';
import { Connection } from '../../../../src/engine/data-path/wire/connection.js';
import { Metainfo } from '../../../../src/metainfo/metainfo.js';
import { ResumeWriter } from '../../../../src/storage/resume/resume-writer.js';
import {
  atTheEnd,
  download,
  engine,
  eventually,
  sample,
  seed,
} from '../../../support/engine/engine-setup.js';
import { readMessages } from '../../../support/peers/read-messages.js';
import { handshake, message, numbers } from '../../../support/peers/wire-messages.js';
import type { Sample } from '../../../support/torrents/sample-on-disk.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const KiB = 2 ** 10;

/** Nobody has its content. */
function hollowSample(pieceCount: number): Sample {
  const infoHash = randomBytes(20).toString('hex');
  const [pieceLengthBytes, name] = [16 * KiB, `hollow-${infoHash.slice(0, 8)}`];
  const lengthBytes = pieceCount * pieceLengthBytes;
  const metainfo = new Metainfo({
    name,
    infoHash,
    pieceLengthBytes,
    lengthBytes,
    isPrivate: true,
    isFolder: false,
    pieceHashes: randomBytes(20 * pieceCount),
    files: [{ path: [], lengthBytes, offsetBytes: 0 }],
    announce: [],
    info: Buffer.from('de'),
  });
  return { metainfo, contentPath: '', bytes: Buffer.alloc(0) };
}

function dial(port: number, { metainfo }: Sample): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  atTheEnd(async () => socket.destroy());
  socket.write(handshake(metainfo.infoHash));
  return socket;
}

function randomIndices(count: number, below: number): number[] {
  const all = Array.from({ length: below }, (_, index) => index);
  for (let nth = 0; nth < count; nth++) {
    const other = nth + Math.floor(Math.random() * (below - nth));
    [all[nth], all[other]] = [all[other] ?? 0, all[nth] ?? 0];
  }
  return all.slice(0, count);
}

const [choking, unchoking] = [Buffer.of(), message(1)];

describe('a hundred thousand haves of twenty peers', () => {
  const [pieceCount, peers, havesEach] = [20_000, 20, 5_000];

  test.each([
    ['who choke us', choking],
    ['who would send, and do not', unchoking],
  ])('%s cost next to no looks at pieces', async (_, first) => {
    const content = hollowSample(pieceCount);
    const pick = vi.spyOn(PiecePicker.prototype, 'pick');
    const added = vi.spyOn(PiecePicker.prototype, 'incrementAvailability');
    const to = await engine();
    await (await download(to, content, [])).until('swarm.checked');
    let requests = 0;
    const all = Array.from({ length: peers }, async () => {
      const socket = dial(to.peerPort, content);
      const indices = randomIndices(havesEach, pieceCount);
      const haves = indices.map((index) => message(4, numbers(index)));
      // Whoever is interested is unchoked: then all of it has been heard.
      socket.write(Buffer.concat([first, ...haves, message(2)]));
      await new Promise<void>((resolve) => {
        readMessages(socket, {
          onMessage([id]) {
            if (id === 6) requests += 1;
            if (id === 1) resolve();
          },
        });
      });
    });
    await Promise.all(all);
    const haves = peers * havesEach;
    expect(added).toHaveBeenCalledTimes(haves);
    const [picker] = added.mock.contexts;
    if (!(picker instanceof PiecePicker)) throw new Error('nobody has counted');
    // A few for each of the blocks that are asked for.
    expect(pick.mock.calls.length).toBeLessThanOrEqual(2 * requests + peers);
    expect(picker.looks).toBeLessThan(haves / 20);
    expect(requests).toBeLessThanOrEqual(8 * peers);
  });
});

test('the haves of pieces that were written together are said in one breath', async () => {
  const content = await sample({ lengthBytes: 256 * 16 * KiB, pieceLengthBytes: 16 * KiB });
  const wrote = vi.spyOn(ResumeWriter.prototype, 'wrote');
  const send = vi.spyOn(Connection.prototype, 'send');
  const [from, to] = [await engine(), await engine()];
  const got = await download(to, content, []);
  await got.until('swarm.checked');
  const heard: number[] = [];
  let haves = 0;
  const bystander = dial(to.peerPort, content);
  readMessages(bystander, {
    onMessage([id]) {
      if (id === 4) haves += 1;
    },
    onRead: () => heard.push(haves),
  });
  await once(bystander, 'data');
  seed(from, content, { peers: [`127.0.0.1:${to.peerPort}`] });
  await got.until('swarm.completed');
  await eventually(() => haves).toBe(256);
  let sum = 0;
  const batches = wrote.mock.calls.map(([indices]) => {
    sum += indices.length;
    return sum;
  });
  // Each read ends where a batch ends.
  expect([0, ...batches]).toEqual(expect.arrayContaining(heard));
  const said = send.mock.calls.filter(([bytes]) => Buffer.from(bytes).readUInt32BE(0) === 5);
  // To the seeder and to the bystander.
  expect(said.length).toBeLessThanOrEqual(2 * batches.length);
});
