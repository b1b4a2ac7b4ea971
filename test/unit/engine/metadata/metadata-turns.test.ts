// Whom the metadata is fetched from, of peers made by hand: liars, those who hold back, and honest ones.
import { createHash, randomBytes } from 'node:crypto';
import Wire from 'bittorrent-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { IncompleteBytes } from '../../../../src/engine/data-path/budgets/incomplete-bytes.js';
import { MetadataTurns } from '../../../../src/engine/metadata/metadata-turns.js';
import { metadataLimits } from '../../../../src/limits.js';

const pieceBytes = 16 * 1024;
const info = randomBytes(3 * pieceBytes + 100);
const infoHash = createHash('sha1').update(info).digest('hex');

const searches: MetadataTurns[] = [];
afterEach(() => {
  for (const search of searches.splice(0)) search.close();
});

function search(mostBytes: number = metadataLimits.incompleteBytes) {
  let nowMs = 0;
  const found: Uint8Array[] = [];
  const incomplete = new IncompleteBytes({ mostBytes, nowMs: () => nowMs });
  const turns = new MetadataTurns({
    infoHash,
    incomplete,
    nowMs: () => nowMs,
    onFound: (each) => found.push(each),
  });
  searches.push(turns);

  /** It answers as long as `says` gives something. */
  const peer = (
    says: (piece: number) => Uint8Array | undefined,
    sizeBytes = info.length,
    more = '',
  ) => {
    const asked: number[] = [];
    const wire = new Wire('tcpIncoming');
    const extension = {
      cancel() {},
      setMetadata() {},
      onExtendedHandshake(_: Record<string, unknown>) {},
      onMessage(_: Uint8Array) {},
    };
    Object.assign(wire, { ut_metadata: extension, remoteAddress: `203.0.113.${++peers}` });
    wire.peerExtendedMapping.ut_metadata = 1;
    const answers: Uint8Array[] = [];
    wire.extended = (_, payload) => {
      const piece = Number(/5:piecei(\d+)e/.exec(Buffer.from(payload).toString('latin1'))?.[1]);
      asked.push(piece);
      const bytes = says(piece);
      const head = `d8:msg_typei1e5:piecei${piece}e10:total_sizei${sizeBytes}e${more}e`;
      if (bytes) answers.push(Buffer.concat([Buffer.from(head), bytes]));
    };
    turns.add(wire);
    extension.onExtendedHandshake({ metadata_size: sizeBytes });
    return {
      asked,
      wire,
      /** Until it has nothing more to say, or has answered so often. */
      answer(most = Number.POSITIVE_INFINITY) {
        for (let nth = 0; nth < most; nth++) {
          const next = answers.shift();
          if (next === undefined) return;
          extension.onMessage(next);
        }
      },
    };
  };
  return {
    found,
    incomplete,
    peer,
    honest: () => peer(blockOf),
    silent: () => peer(() => undefined),
    pass(ms: number) {
      for (let passedMs = 0; passedMs < ms; passedMs += 500) {
        nowMs += 500;
        turns.tick();
      }
    },
  };
}
let peers = 0;

const blockOf = (piece: number) => info.subarray(piece * pieceBytes, (piece + 1) * pieceBytes);

describe('metadata', () => {
  it('is taken where the words before it have flaws, or are others than expected', () => {
    const { found, peer } = search();
    peer(blockOf, info.length, '1:xi1.5e5:piecei7e2:yyi-0e4:name3:abc4:listli1ee').answer();
    expect(found.map((each) => Buffer.from(each).equals(info))).toEqual([true]);
  });

  it('is fetched from two peers at a time, and others wait', () => {
    const { found, honest, silent } = search();
    const [first, second, third] = [honest(), silent(), silent()];
    expect([first, second, third].map(({ asked }) => asked)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
      [],
    ]);
    first.answer();
    expect(found.map((each) => Buffer.from(each).equals(info))).toEqual([true]);
  });

  it('is asked of the next where one stalls, however many liars come before the honest one', () => {
    const { found, honest, silent, pass } = search();
    const liars = Array.from({ length: 50 }, silent);
    const last = honest();
    expect(last.asked).toEqual([]);
    pass(25 * metadataLimits.stalledMs);
    expect(liars.every(({ asked }) => asked.length >= 4)).toBe(true);
    last.answer();
    expect(found).toHaveLength(1);
  });

  it('is asked of the next where one says just enough not to stall', () => {
    const { found, honest, peer, pass } = search();
    const drip = () => peer(() => Buffer.alloc(pieceBytes), 32 * 2 ** 20);
    const dripping = [drip(), drip()];
    const last = honest();
    for (let passedMs = 0; passedMs < metadataLimits.turnMs; passedMs += 1_000) {
      for (const each of dripping) each.answer(1);
      expect(last.asked).toEqual([]);
      pass(1_000);
    }
    last.answer();
    expect(found).toHaveLength(1);
  });

  it('is waited for longer the second time, if a peer is slow and no liar', () => {
    const { found, honest, silent, pass } = search();
    const slow = honest();
    for (let nth = 0; nth < 3; nth++) silent();
    pass(metadataLimits.stalledMs);
    slow.answer();
    expect(found).toEqual([]);
    for (let waits = 0; slow.asked.length < 8; waits++) {
      expect(waits).toBeLessThan(20);
      pass(metadataLimits.stalledMs);
    }
    pass(metadataLimits.stalledMs);
    slow.answer();
    expect(found).toHaveLength(1);
  });

  it('is asked for again where nobody else has it', () => {
    const { found, peer, pass } = search();
    let isReady = false;
    const only = peer((piece) =>
      isReady ? info.subarray(piece * pieceBytes, (piece + 1) * pieceBytes) : undefined,
    );
    pass(metadataLimits.stalledMs);
    isReady = true;
    pass(2 * metadataLimits.stalledMs);
    only.answer();
    expect(found).toHaveLength(1);
  });

  it('that is bad is not fetched from the same address again', () => {
    const { found, honest, peer } = search();
    const bad = peer((piece) =>
      Buffer.alloc(Math.min(pieceBytes, info.length - piece * pieceBytes)),
    );
    bad.answer();
    peers -= 1;
    const back = honest();
    expect([found, back.asked]).toEqual([[], []]);
    honest().answer();
    expect(found).toHaveLength(1);
  });

  it('takes no memory for what was announced, and none for those whose turn is over', () => {
    const { incomplete, peer, silent, pass } = search();
    const holding = Array.from({ length: 50 }, () =>
      peer((piece) => (piece === 0 ? undefined : Buffer.alloc(pieceBytes)), 32 * 2 ** 20),
    );
    silent();
    expect(incomplete.lengthBytes).toBe(0);
    for (let turn = 0; turn < 30; turn++) {
      for (const each of holding) each.answer();
      expect(incomplete.lengthBytes).toBeLessThanOrEqual(2 * metadataLimits.metadataBytes);
      pass(metadataLimits.turnMs);
    }
  });

  it('is given up for the time being where all searches together keep too much', () => {
    const { incomplete, found, honest, peer, pass } = search(4 * pieceBytes);
    const holding = peer(
      (piece) => (piece === 0 ? undefined : Buffer.alloc(pieceBytes)),
      32 * 2 ** 20,
    );
    const good = honest();
    for (let nth = 0; nth < 3; nth++) {
      holding.answer();
      expect(incomplete.lengthBytes).toBeLessThanOrEqual(4 * pieceBytes);
      pass(500);
    }
    good.answer();
    expect(found).toHaveLength(1);
    expect(holding.asked.filter((piece) => piece === 0).length).toBeGreaterThan(1);
  });
});
