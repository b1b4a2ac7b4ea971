// Gets a new connection going where webtorrent hesitates. It asks for more than two blocks only once it has measured the
// speed, so a peer that answers in ticks, such as transmission's of half a second, takes many of them to get going. And
// what a peer says in one breath with its handshake, or while its pieces are checked, it does not hear.
import type Wire from 'bittorrent-protocol';
import type { Torrent } from 'webtorrent';

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

/** A peer that was interested before webtorrent listened would be unchoked by its next round alone, up to 10 s later. */
export function hearEarlyWords(torrent: Torrent): void {
  const listen = torrent._onWireWithMetadata;
  torrent._onWireWithMetadata = (wire) => {
    listen.call(torrent, wire);
    if (wire.peerInterested) wire.unchoke();
    if (!wire.peerChoking) torrent._update();
  };
}
