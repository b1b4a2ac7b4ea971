// The part of k-rpc-socket 1 (MIT, https://github.com/mafintosh/k-rpc-socket), the DHT's messages, that tests speak to.
declare module 'k-rpc-socket' {
  import type { EventEmitter } from 'node:events';

  export default class KrpcSocket extends EventEmitter {
    /** `socket`: in the place of a UDP socket. */
    constructor(options: { readonly socket: EventEmitter & { close(): void } });
    destroy(): void;
  }
}
