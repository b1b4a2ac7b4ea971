import { describe, expect, it } from 'vitest';
import {
  type KnownPeer,
  KnownPeers,
} from '../../../../../src/engine/dialling/known-peers/known-peers.js';
import type { PeerSource } from '../../../../../src/engine/dialling/known-peers/peer-source.js';
import { dialLimits } from '../../../../../src/limits.js';
import { toPeerAddress } from '../../../../../src/net/peer-address.js';

const tracker: PeerSource = { kind: 'tracker', from: '192.0.2.1' };
const teller = (index: number): PeerSource => ({ kind: 'exchange', from: `192.0.2.${index}` });

function add(known: KnownPeers, index: number, source: PeerSource, isRetry = false) {
  const address = toPeerAddress(`10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`, 1);
  if (address === undefined) throw new Error('no address');
  return known.add(address, source, isRetry);
}

/** Takes them all, and tells by which source each was named. */
function takeAll(known: KnownPeers, count: number): readonly (string | undefined)[] {
  return Array.from({ length: count }, () => {
    const next = take(known);
    return next && `${next.source.kind} ${next.source.from ?? ''}`.trim();
  });
}

function take(known: KnownPeers): KnownPeer | undefined {
  const next = known.next('first', () => true);
  if (next !== undefined) known.suspend(next, 'dialled');
  return next;
}

describe('peers that are known', () => {
  it('have their turn by who named them, so that thousands of one delay nobody else’s', () => {
    const known = new KnownPeers();
    for (let index = 0; index < 100; index += 1) add(known, index, teller(1));
    for (let index = 100; index < 103; index += 1) add(known, index, teller(2));
    for (let index = 103; index < 106; index += 1) add(known, index, tracker);
    add(known, 106, { kind: 'user' });
    const [one, two, named] = ['exchange 192.0.2.1', 'exchange 192.0.2.2', 'tracker 192.0.2.1'];
    expect(takeAll(known, 8)).toEqual(['user', named, one, named, two, named, one, two]);
  });

  it('are tried first, and again after all those never tried', () => {
    const known = new KnownPeers(() => 0);
    const again = add(known, 1, tracker, true);
    const first = add(known, 2, tracker);
    expect(known.next('first', () => true)).toBe(first);
    expect(known.next('again', () => true)).toBe(again);
  });

  it('are tried again every other time once they have waited long enough', () => {
    let nowMs = 0;
    const known = new KnownPeers(() => nowMs);
    const again = [add(known, 1, tracker, true), add(known, 2, tracker, true)];
    const first = [add(known, 3, tracker), add(known, 4, tracker)];
    nowMs = dialLimits.retryWaitMs;
    expect([take(known), take(known), take(known), take(known)]).toEqual([
      ...[again[0], first[0], again[1], first[1]],
    ]);
  });

  it('wait without keeping others waiting where they cannot be dialled yet', () => {
    const known = new KnownPeers();
    const blocked = add(known, 1, tracker);
    const free = add(known, 2, tracker);
    expect(known.next('first', (peer) => peer !== blocked)).toBe(free);
    expect(known.next('first', () => false)).toBeUndefined();
  });

  it('make room for a tracker’s where somebody has named more of them', () => {
    const known = new KnownPeers();
    const most = dialLimits.knownPeersPerTorrent;
    for (let index = 0; index < most; index += 1) add(known, index, teller(index % 50));
    const named = Array.from({ length: 80 }, (_, index) => add(known, most + index, tracker));
    expect(named).not.toContain(undefined);
    // Others of the same flood displace none of them.
    for (let index = 0; index < 500; index += 1) add(known, 2 * most + index, teller(index % 50));
    const left = named.filter((peer) => peer && known.get(peer.address.text) === peer);
    expect(left).toHaveLength(80);
  });

  it('make room where they are dead, and not where they have answered', () => {
    const known = new KnownPeers();
    const peers = Array.from({ length: dialLimits.knownPeersPerTorrent }, (_, index) =>
      add(known, index, tracker),
    );
    const [alive, dead] = peers;
    if (alive === undefined || dead === undefined) throw new Error('not added');
    expect(add(known, 5_000, tracker)).toBeUndefined();
    alive.peerId = 'a peer';
    for (const peer of [alive, dead]) known.suspend(peer, 'waiting');
    expect(add(known, 5_000, tracker)).toBeDefined();
    expect(known.get(alive.address.text)).toBe(alive);
    expect(known.get(dead.address.text)).toBeUndefined();
    expect(add(known, 5_001, tracker)).toBeUndefined();
  });

  it('count as named by the most trusted of those who name them', () => {
    const known = new KnownPeers();
    const peer = add(known, 1, teller(1));
    add(known, 1, tracker);
    add(known, 1, teller(2));
    expect(peer?.source).toBe(tracker);
    expect(known.next('first', () => true)).toBe(peer);
  });
});
