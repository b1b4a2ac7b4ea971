// Makes bittorrent-protocol's parser harmless: what a peer sends may end its own connection and nothing else.
// Changes the library's prototype once, when the first engine starts.
import Wire from 'bittorrent-protocol';
import { isBencodedDictionary } from './is-bencoded-dictionary.js';
import { workFor } from './torrent-context.js';

/** No message of BEP 3, 6, 9, 10 or 11 comes near: a block is 16 KiB, a bitfield of 8 million pieces 1 MiB. */
const longestMessageBytes = 2 ** 20 + 64;

/** Haves, requests, blocks and cancels. */
const bulkMessages: ReadonlySet<number> = new Set([4, 6, 7, 8]);
const rateWindowMs = 10_000;
const mostMessagesAWindow = 5_000;
/** BEP 11 has 100 peers in a message of peer exchange, and a handshake of extensions is shorter. */
const longestShortExtensionBytes = 16 * 2 ** 10;
const mostExtensions = 100;
/** 32 blocks of the largest kind are 4 MiB, a bitfield at most 1 MiB. */
const mostUnsentBytes = 8 * 2 ** 20;

/** `destroy` of a connection takes effect some ticks later, and shows no sooner. */
const hungUp = new WeakSet<Wire>();

/** The info hash of each connection that has named its torrent. */
const owners = new WeakMap<Wire, string>();

let hardened = false;

/** Idempotent. */
export function hardenWire(): void {
  if (hardened) return;
  hardened = true;
  endTheConnectionThatThrows();
  gatherMessages();
  capMessageLength();
  capMessageRate();
  capExtensions();
  capUnsent();
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

/**
 * The library copies all it has of a message with every few bytes that come: a peer that sends a long one byte by byte
 * would keep us copying megabytes. What completes no message waits here. Only after the handshake, as encryption may
 * begin before.
 */
function gatherMessages(): void {
  const write = Wire.prototype._write;
  const gathered = new WeakMap<Wire, { readonly parts: Uint8Array[]; lengthBytes: number }>();
  Wire.prototype._write = function (bytes, callback) {
    const before = gathered.get(this);
    const lengthBytes = bytes.length + (before?.lengthBytes ?? 0);
    const isPart =
      this.peerId !== null &&
      this._bufferSize + lengthBytes < this._parserSize &&
      this._parserSize <= longestMessageBytes;
    if (isPart) {
      if (before === undefined) gathered.set(this, { parts: [bytes], lengthBytes });
      else {
        before.parts.push(bytes);
        before.lengthBytes = lengthBytes;
      }
      return callback(null);
    }
    if (before === undefined) return write.call(this, bytes, callback);
    gathered.delete(this);
    write.call(this, Buffer.concat([...before.parts, bytes], lengthBytes), callback);
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

/** What is no piece and no request for one makes us look at all pieces or all peers: a peer has little of it to say. */
function capMessageRate(): void {
  const onMessage = Wire.prototype._onMessage;
  const counted = new WeakMap<Wire, { sinceMs: number; messages: number }>();
  Wire.prototype._onMessage = function (bytes) {
    if (!bulkMessages.has(bytes[0] ?? 0)) {
      const nowMs = performance.now();
      let count = counted.get(this);
      if (count === undefined || nowMs - count.sinceMs > rateWindowMs) {
        count = { sinceMs: nowMs, messages: 0 };
        counted.set(this, count);
      }
      count.messages += 1;
      if (count.messages > mostMessagesAWindow) return hangUp(this);
    }
    onMessage.call(this, bytes);
  };
}

/**
 * Names of extensions are remembered for as long as the connection lasts, and peers of peer exchange too. What is not
 * bencoded must not reach the library's decoder.
 */
function capExtensions(): void {
  const onExtended = Wire.prototype._onExtended;
  Wire.prototype._onExtended = function (extension, payload) {
    const isShort = extension === 0 || this.extendedMapping[extension] === 'ut_pex';
    const isTooLong = payload.length > longestShortExtensionBytes;
    if (isShort && (isTooLong || !isBencodedDictionary(payload))) return hangUp(this);
    onExtended.call(this, extension, payload);
    if (Object.keys(this.peerExtendedMapping).length > mostExtensions) hangUp(this);
  };
}

/** A peer that takes nothing of what it asked for is let go of: that is no garbage, its line may be dead. */
function capUnsent(): void {
  const push = Wire.prototype._push;
  Wire.prototype._push = function (bytes) {
    if (this._readableState.buffered > mostUnsentBytes) {
      if (!hungUp.has(this)) this.destroy();
      hungUp.add(this);
      return false;
    }
    return push.call(this, bytes);
  };
}

/** For garbage: reads nothing more, closes, and says so by a `garbage` event. */
export function hangUp(wire: Wire): void {
  if (hungUp.has(wire)) return;
  hungUp.add(wire);
  wire._parse(Number.MAX_VALUE, () => {});
  wire.emit('garbage');
  wire.destroy();
}
