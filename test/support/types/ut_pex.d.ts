// The part of ut_pex 5 (MIT, https://github.com/webtorrent/ut_pex), peer exchange, that tests speak to.
declare module 'ut_pex' {
  import type { EventEmitter } from 'node:events';

  export interface PeerExchange extends EventEmitter {
    onMessage(payload: Uint8Array): void;
  }

  /** Makes a class for one torrent. */
  export default function utPex(): new (wire: { destroy(): void }) => PeerExchange;
}
