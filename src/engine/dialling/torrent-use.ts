// Whether the connections of a torrent are of any use to it: bytes that it is sent, or that it sends once it is complete.
import type { Torrent } from 'webtorrent';
import { dialLimits } from '../../limits.js';

export interface TorrentUse {
  /** There is no connection, or none of use for so long that another should be tried. Looks at them only when it is asked. */
  isStarving(): boolean;
}

/** `nowMs`: a clock, for tests. */
export function watchTorrentUse(
  torrent: Pick<Torrent, 'wires'>,
  isComplete: () => boolean,
  nowMs: () => number = () => performance.now(),
): TorrentUse {
  let lastBytes = -1;
  let usefulAtMs = 0;
  return {
    isStarving() {
      const { wires } = torrent;
      if (wires.length === 0) return true;
      const bytesOf = ({ uploaded, downloaded }: (typeof wires)[number]) =>
        isComplete() ? uploaded : downloaded;
      const bytes = wires.reduce((sum, wire) => sum + bytesOf(wire), 0);
      if (bytes !== lastBytes) usefulAtMs = nowMs();
      lastBytes = bytes;
      return nowMs() - usefulAtMs >= dialLimits.uselessMs;
    },
  };
}
