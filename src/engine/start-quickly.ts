// Asks a peer for more than two blocks before its speed is known. webtorrent grows its requests with the measured speed
// alone, so a peer that answers in ticks, such as transmission's of half a second, takes many of them to get going.
import type Wire from 'bittorrent-protocol';

const blockBytes = 16 * 2 ** 10;
const assumedBytesPerSecond = 32 * blockBytes;
/** After so much the measured speed tells the truth. */
const unknownUntilBytes = 2 ** 20;

/** A peer that has sent nothing yet is still asked for two blocks: it may never send any. */
export function startQuickly(wire: Wire): void {
  const measured = wire.downloadSpeed;
  wire.downloadSpeed = (bytes) => {
    const bytesPerSecond = measured(bytes);
    const isUnknown = wire.downloaded > 0 && wire.downloaded < unknownUntilBytes;
    return isUnknown ? Math.max(bytesPerSecond, assumedBytesPerSecond) : bytesPerSecond;
  };
}
