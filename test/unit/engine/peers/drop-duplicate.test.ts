// Which of two connections with one peer id is dropped, if any.
import type Wire from 'bittorrent-protocol';
import { describe, expect, it } from 'vitest';
import type { Torrent } from 'webtorrent';
import { dropDuplicate } from '../../../../src/engine/peers/drop-duplicate.js';

const incoming = 'tcpIncoming';
const outgoing = 'tcpOutgoing';
const ourId = '2d42485f';
const [lowerId, higherId, otherClient] = ['2d424800', '2d4248ff', 'abcdef'];

/** `[type, remoteAddress, peerId]`, in the order in which they come. Gives back which are dropped. */
async function dropped(
  ...comers: readonly (readonly [type: string, remoteAddress: string, peerId: string])[]
): Promise<readonly boolean[]> {
  const wires = comers.map(([type, remoteAddress, peerId]) => {
    const wire = { type, remoteAddress, peerId, isDropped: false, destroy };
    function destroy() {
      wire.isDropped = true;
    }
    return wire;
  });
  for (const [nth, wire] of wires.entries()) {
    const torrent = { wires: wires.slice(0, nth + 1) };
    dropDuplicate(wire as unknown as Wire, torrent as unknown as Torrent, ourId);
    await Promise.resolve();
  }
  return wires.map(({ isDropped }) => isDropped);
}

describe('of two connections with one peer id', () => {
  it('from one address, the second of a kind goes', async () => {
    const one = [incoming, '192.0.2.1', otherClient] as const;
    expect(await dropped(one, one)).toEqual([false, true]);
  });

  it.each([
    [lowerId, incoming, outgoing],
    [higherId, outgoing, incoming],
  ])('%s from one address, made by each side, both drop the same', async (id, kept, gone) => {
    const [keep, drop] = [[kept, '192.0.2.1', id] as const, [gone, '192.0.2.1', id] as const];
    expect(await dropped(keep, drop)).toEqual([false, true]);
    expect(await dropped(drop, keep)).toEqual([true, false]);
  });

  it.each([
    ['192.0.2.1', '192.0.2.2'],
    ['192.0.2.1', '2001:db8::1'],
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
  ])('from %s and %s, both stay: an id is a mere claim', async (honest, stranger) => {
    for (const id of [lowerId, higherId, otherClient]) {
      for (const [mine, theirs] of [
        [incoming, incoming],
        [outgoing, incoming],
        [incoming, outgoing],
      ] as const) {
        expect(await dropped([mine, honest, id], [theirs, stranger, id])).toEqual([false, false]);
      }
    }
  });

  it.each([
    ['192.0.2.1', '::ffff:192.0.2.1'],
    ['2001:db8:0:1::1', '2001:db8:0:1::2'],
    ['127.0.0.1', '127.0.0.1'],
  ])('%s and %s are one address', async (one, same) => {
    expect(await dropped([incoming, one, otherClient], [incoming, same, otherClient])).toEqual([
      false,
      true,
    ]);
  });

  it('a stranger between them changes nothing for the real one', async () => {
    const real = '192.0.2.1';
    const all = await dropped(
      [outgoing, real, lowerId],
      [incoming, '192.0.2.9', lowerId],
      [incoming, real, lowerId],
    );
    expect(all).toEqual([true, false, false]);
  });
});
