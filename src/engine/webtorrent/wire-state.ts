// Hands bittorrent-protocol the messages that it keeps the state of, after src/engine/data-path has let them through:
// who chokes whom, who is interested, and the extensions (BEP 10).
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

export function hearChoke(wire: Wire): void {
  wire._onChoke();
}

export function hearUnchoke(wire: Wire): void {
  wire._onUnchoke();
}

export function hearInterested(wire: Wire): void {
  wire._onInterested();
}

export function hearUninterested(wire: Wire): void {
  wire._onUninterested();
}

/** The port of the peer's DHT node (BEP 5). */
export function hearPort(wire: Wire, port: number): void {
  wire._onPort(port);
}

/** `payload` may be kept. What is malformed may throw. */
export function hearExtended(wire: Wire, extension: number, payload: Uint8Array): void {
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

/** Tells of pieces that the peer has no longer: the `lt_donthave` extension. Must run before any message is read. */
export function onDontHave(wire: Wire, listener: (index: number) => void): void {
  wire.lt_donthave.onMessage = (payload) => {
    if (payload.length === 4) listener(Buffer.from(payload).readUInt32BE(0));
  };
}
