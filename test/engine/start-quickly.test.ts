import Wire from 'bittorrent-protocol';
import { describe, expect, it } from 'vitest';
import { startQuickly } from '../../src/engine/start-quickly.js';

const block = new Uint8Array(16 * 1024);
const measuredBytesPerSecond = 7;

/** What a wire whose speed is measured as 7 bytes a second says of it after so many blocks. */
function speedAfter(blocks: number): number {
  const wire = new Wire();
  wire.downloadSpeed = () => measuredBytesPerSecond;
  startQuickly(wire);
  for (let sent = 0; sent < blocks; sent += 1) wire._onPiece(0, sent * block.length, block);
  return wire.downloadSpeed();
}

describe('startQuickly', () => {
  it('assumes nothing of a peer that has sent nothing', () => {
    expect(speedAfter(0)).toBe(measuredBytesPerSecond);
  });

  it('assumes 32 blocks a second of a peer that has begun to send', () => {
    expect(speedAfter(1)).toBe(32 * block.length);
    expect(speedAfter(63)).toBe(32 * block.length);
  });

  it('believes the measure after 1 MiB', () => {
    expect(speedAfter(64)).toBe(measuredBytesPerSecond);
  });
});
