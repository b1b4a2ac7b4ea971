// Hangs up on everyone who is banned by now, in all torrents: a convict may be there in several.
import type WebTorrent from 'webtorrent';
import { listenPortOf } from '../data-path/wire/peer-identity.js';
import type { BanList } from './ban-list.js';

export function disconnectBanned(
  { torrents }: Pick<WebTorrent, 'torrents'>,
  banList: BanList,
): void {
  for (const { wires } of torrents) {
    for (const wire of [...wires]) {
      const { remoteAddress } = wire;
      if (remoteAddress === undefined) continue;
      if (banList.remainingMs(remoteAddress, listenPortOf(wire)) > 0) wire.destroy();
    }
  }
}
