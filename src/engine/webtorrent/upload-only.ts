// The `upload_only` extension (BEP 21): peers tell each other when they want nothing more, in the handshake of extensions
// and later by a message of one byte.
import type Wire from 'bittorrent-protocol';

const extensionName = 'upload_only';

/** Hears of it by message; what stands in the handshake is for whoever hears that. Must run before anything is read. */
export function onUploadOnly(wire: Wire, listener: (isUploadOnly: boolean) => void): void {
  class UploadOnly {
    declare readonly name: string;

    onMessage(payload: Uint8Array): void {
      if (payload.length === 1) listener(payload[0] !== 0);
    }
  }
  Object.defineProperty(UploadOnly.prototype, 'name', { value: extensionName });
  wire.use(UploadOnly);
}

/** Must run before our handshake of extensions is sent. */
export function introduceAsUploadOnly(wire: Wire): void {
  wire.extendedHandshake.upload_only = 1;
}

/** Later than the handshake: to whoever understands it. */
export function sayUploadOnly(wire: Wire): void {
  const id = wire.peerExtendedMapping[extensionName];
  if (id !== undefined && id > 0) wire.extended(extensionName, Uint8Array.of(1));
}
