// Extensions (BEP 10) that come as messages of a few bytes: `upload_only` (BEP 21), by which peers tell each other that they
// want nothing more, in the extended handshake or later, and `lt_donthave`, of pieces that a peer has no longer.
import type Wire from 'bittorrent-protocol';

const uploadOnly = 'upload_only';
const dontHave = 'lt_donthave';

const uploadOnlyListeners = new WeakMap<Wire, (isUploadOnly: boolean) => void>();

/** One for all wires: a class of each one's own is made anew, and slows down what all of them go through. */
class UploadOnly {
  declare readonly name: string;
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  onMessage(payload: Uint8Array): void {
    if (payload.length === 1) uploadOnlyListeners.get(this.#wire)?.(payload[0] !== 0);
  }
}
Object.defineProperty(UploadOnly.prototype, 'name', { value: uploadOnly });

/** Called for each message; what stands in the handshake is for whoever reads that. Must run before anything is read. */
export function onUploadOnly(wire: Wire, listener: (isUploadOnly: boolean) => void): void {
  uploadOnlyListeners.set(wire, listener);
  wire.use(UploadOnly);
}

/** Must run before our extended handshake is sent. */
export function announceUploadOnly(wire: Wire): void {
  wire.extendedHandshake.upload_only = 1;
}

/** Later than the handshake: to whoever understands it. */
export function sendUploadOnly(wire: Wire): void {
  const id = wire.peerExtendedMapping[uploadOnly];
  if (id !== undefined && id > 0) wire.extended(uploadOnly, Uint8Array.of(1));
}

/** Whether it can be told of pieces that we have no longer. */
export function understandsDontHave(wire: Wire): boolean {
  return (wire.peerExtendedMapping[dontHave] ?? 0) > 0;
}

/** Only to whoever understands it. */
export function sendDontHave(wire: Wire, index: number): void {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(index);
  wire.extended(dontHave, payload);
}

/** Must run before any message is read. */
export function onDontHave(wire: Wire, listener: (index: number) => void): void {
  wire.lt_donthave.onMessage = (payload) => {
    if (payload.length === 4) listener(Buffer.from(payload).readUInt32BE(0));
  };
}

/**
 * Peers that this one names (BEP 11), `host:port`. That others have gone is not believed: webtorrent would give up dialling
 * them. Nothing is exchanged of a private torrent.
 */
export function onExchangedPeers(wire: Wire, listener: (address: string) => void): void {
  wire.ut_pex?.removeAllListeners('peer').removeAllListeners('dropped');
  wire.ut_pex?.on('peer', listener);
}
