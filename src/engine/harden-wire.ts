// Makes bittorrent-protocol's parser harmless: what a peer sends may end its own connection and nothing else.
// Changes the library's prototype once, when the first engine starts.
import Wire from 'bittorrent-protocol';
import { workFor } from './torrent-at-work.js';

/** No message of BEP 3, 6, 9, 10 or 11 comes near: a block is 16 KiB, a bitfield of 8 million pieces 1 MiB. */
const longestMessageBytes = 2 ** 20 + 64;

/** The info hash of each connection that has named its torrent. */
const owners = new WeakMap<Wire, string>();

let hardened = false;

/** Idempotent. */
export function hardenWire(): void {
  if (hardened) return;
  hardened = true;
  endTheConnectionThatThrows();
  capMessageLength();
}

/** What comes over this connection from now on is the work of that torrent: an incoming one begins as nobody's. */
export function assignWire(wire: Wire, infoHash: string): void {
  owners.set(wire, infoHash);
}

/** Bad keys, bad lengths and malformed extension messages throw inside `_write`, far from any catch. */
function endTheConnectionThatThrows(): void {
  const write = Wire.prototype._write;
  Wire.prototype._write = function (bytes, callback) {
    const infoHash = owners.get(this);
    try {
      if (infoHash === undefined) write.call(this, bytes, callback);
      else workFor(infoHash, () => write.call(this, bytes, callback));
    } catch {
      hangUp(this);
      callback(null);
    }
  };
}

/** The library buffers whatever length a peer announces, up to 2 GiB. */
function capMessageLength(): void {
  const onMessageLength = Wire.prototype._onMessageLength;
  Wire.prototype._onMessageLength = function (prefix) {
    const lengthBytes = new DataView(prefix.buffer, prefix.byteOffset).getUint32(0);
    if (lengthBytes > longestMessageBytes) hangUp(this);
    else onMessageLength.call(this, prefix);
  };
}

/** Reads nothing more, and closes. */
export function hangUp(wire: Wire): void {
  wire._parse(Number.MAX_VALUE, () => {});
  wire.destroy();
}
