// Hangs up on everyone who is banned by now, in all torrents: a convict may be there in several.
import type WebTorrent from 'webtorrent';
import { listenPortOf } from '../webtorrent/listen-port.js';
import type { Bans } from './ban-list.js';

export function hangUpOnBanned({ torrents }: Pick<WebTorrent, 'torrents'>, bans: Bans): void {
  for (const { wires } of torrents) {
    for (const wire of [...wires]) {
      const { remoteAddress } = wire;
      if (remoteAddress === undefined) continue;
      if (bans.remainingMs(remoteAddress, listenPortOf(wire)) > 0) wire.destroy();
    }
  }
}
