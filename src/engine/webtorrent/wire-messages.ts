// Hands bittorrent-protocol the messages that it keeps the state of, after src/engine/data-path has let them through:
// who chokes whom, who is interested, the DHT's port, and the extensions (BEP 10).
// Private: `_onChoke`, `_onUnchoke`, `_onInterested`, `_onUninterested`, `_onPort`, `_onExtended`, the handlers behind the
// library's own parser, which ours replaces. Unnecessary once it takes parsed messages.
import type Wire from 'bittorrent-protocol';

/** Message ids of BEP 3, 5, 6 and 10. */
export const messageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  uninterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 0x0d,
  haveAll: 0x0e,
  haveNone: 0x0f,
  reject: 0x10,
  allowedFast: 0x11,
  extended: 20,
} as const;

export function receiveChoke(wire: Wire): void {
  wire._onChoke();
}

export function receiveUnchoke(wire: Wire): void {
  wire._onUnchoke();
}

export function receiveInterested(wire: Wire): void {
  wire._onInterested();
}

export function receiveUninterested(wire: Wire): void {
  wire._onUninterested();
}

/** The port of the peer's DHT node (BEP 5). */
export function receivePort(wire: Wire, port: number): void {
  wire._onPort(port);
}

/** `payload` may be retained. What is malformed may throw. */
export function receiveExtended(wire: Wire, extension: number, payload: Uint8Array): void {
  wire._onExtended(extension, payload);
}

/** Tells when we have begun to choke the peer. */
export function onChoking(wire: Wire, listener: () => void): void {
  const choke = wire.choke;
  wire.choke = () => {
    if (wire.amChoking) return;
    choke.call(wire);
    listener();
  };
}
