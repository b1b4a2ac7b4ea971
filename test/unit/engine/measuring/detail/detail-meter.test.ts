import { expect, it } from 'vitest';
import {
  DetailMeter,
  type DetailSource,
  type MeasuredPeer,
} from '../../../../../src/engine/measuring/detail/detail-meter.js';

interface FakePeer extends MeasuredPeer {
  givenBytes: number;
  takenBytes: number;
}

function peer(remotePort: number, more: Partial<FakePeer['connection']['wire']> = {}): FakePeer {
  const strangers = { amInterested: false, peerChoking: true, peerInterested: false };
  return {
    ...{ givenBytes: 0, takenBytes: 0, askedBlocks: 3, owedBlocks: 4, isSnubbing: false },
    pieces: { bits: new Uint8Array(1), count: 0, hasAll: false },
    connection: {
      source: 'exchange',
      isEncrypted: false,
      wire: {
        ...{ ...strangers, amChoking: true, peerId: null, peerExtendedHandshake: {} },
        ...{ remoteAddress: '::ffff:1.2.3.4', remotePort, ...more },
      },
    },
  };
}

function source(peers: readonly FakePeer[]): DetailSource {
  const content = { pieceCount: 8, have: new Uint8Array(1), underWay: [] };
  return { ...content, peers: new Set(peers), trackers: [] };
}

it('tells of each peer what it is, what it owes, and how fast it is from when it was first looked at', () => {
  const one = peer(5, { amInterested: true, peerExtendedHandshake: { v: Buffer.from('one') } });
  const other = peer(6, { remoteAddress: '2001:db8::1' });
  one.givenBytes = 1_000_000;
  const meter = new DetailMeter(() => source([one, other]));
  const still = { downBytesPerSecond: 0, upBytesPerSecond: 0 };
  expect(meter.read(0).peers).toEqual([
    {
      ...{ address: '1.2.3.4:5', client: 'one', source: 'exchange', flags: 'dX', pieces: 0 },
      ...{ bytesDown: 1_000_000, bytesUp: 0, ...still, blocksAsked: 3, blocksOwed: 4 },
    },
    expect.objectContaining({ address: '[2001:db8::1]:6', client: '', ...still }),
  ]);
  one.givenBytes += 500;
  one.takenBytes += 200;
  expect(meter.read(1_000).peers).toMatchObject([
    { downBytesPerSecond: 500, upBytesPerSecond: 200 },
    still,
  ]);
});

it('tells of the two hundred that move most where there are thousands', () => {
  const peers = Array.from({ length: 3_000 }, (_, index) => peer(index + 1));
  const meter = new DetailMeter(() => source(peers));
  expect(meter.read(0).peers).toHaveLength(200);
  for (const [index, each] of peers.entries()) if (index % 20 === 7) each.takenBytes = index;
  const { peers: told } = meter.read(1_000);
  expect(told).toHaveLength(200);
  expect(told[0]).toMatchObject({ bytesUp: 2_987, upBytesPerSecond: 2_987 });
  expect(told.filter(({ bytesUp }) => bytesUp > 0)).toHaveLength(150);
});
