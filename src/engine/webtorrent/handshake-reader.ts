// Lets bittorrent-protocol read a connection's handshake (BEP 3), message stream encryption included, and not a byte
// more: what follows is parsed by src/engine/data-path.
// Private: `_write`, `_parse`, `_parser`, `_buffer` and `_onMessageLength`, to see where the handshake ends; `_bufferSize`,
// `_parserSize` and `_cryptoSyncPattern`, to give it no less than it waits for, as it copies all it has with every part;
// `_encryptor`, its `_isEncrypted` and `_initializeCiphers`, for ciphers of our own; `_debug`, as each message is put into words
// for nobody. Unnecessary once the library's
// handshake can be had alone.
import { createHash } from 'node:crypto';
import type Wire from 'bittorrent-protocol';
import { exchangeKeysQuickly } from './key-exchange.js';
import { Rc4 } from './rc4.js';

/** The ciphers of one connection, each where in its stream the handshake has left it. */
export interface Ciphers {
  readonly encrypt: Rc4;
  readonly decrypt: Rc4;
}

export class HandshakeReader {
  readonly #wire: Wire;
  #ciphers: Ciphers | undefined;
  /** The length of the first message, where it came with the handshake. */
  #firstLength: Uint8Array | undefined;
  /** What has come, and is less than the library waits for. */
  #gathered = new Uint8Array();
  #gatheredBytes = 0;

  /** Must run before anything is read. */
  constructor(wire: Wire) {
    this.#wire = wire;
    wire._debug = () => {};
    wire._onMessageLength = (length) => {
      this.#firstLength = length;
      wire._parse(Number.MAX_VALUE, () => {});
    };
    this.#bringCiphers();
    exchangeKeysQuickly(wire);
  }

  /**
   * Takes what has come. Returns what came behind the handshake, already decrypted, once it is whole; undefined as long
   * as it is not. Throws what the library throws at keys and lengths that are none.
   */
  read(bytes: Uint8Array): Uint8Array | undefined {
    const wire = this.#wire;
    this.#gather(bytes);
    const thereBytes = wire._bufferSize + this.#gatheredBytes;
    if (wire._cryptoSyncPattern === null && thereBytes < wire._parserSize) return undefined;
    const gathered = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gathered = new Uint8Array();
    this.#gatheredBytes = 0;
    wire._write(gathered, () => {});
    const isWhole = this.#firstLength !== undefined || wire._parser === wire._onMessageLength;
    return isWhole ? Buffer.concat([this.#firstLength ?? Buffer.of(), ...wire._buffer]) : undefined;
  }

  /** Copies them, for the library keeps what it is given. */
  #gather(bytes: Uint8Array): void {
    const lengthBytes = this.#gatheredBytes + bytes.length;
    if (lengthBytes > this.#gathered.length) {
      const grown = new Uint8Array(Math.max(lengthBytes, 2 * this.#gathered.length));
      grown.set(this.#gathered.subarray(0, this.#gatheredBytes));
      this.#gathered = grown;
    }
    this.#gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes = lengthBytes;
  }

  /** Undefined where the two sides have agreed on plaintext. */
  get ciphers(): Ciphers | undefined {
    return this.#wire._encryptor?._isEncrypted ? this.#ciphers : undefined;
  }

  /** Ours work in place, at three times the speed; the keys are those of message stream encryption. */
  #bringCiphers(): void {
    const encryptor = this.#wire._encryptor;
    if (encryptor === null) return;
    encryptor._initializeCiphers = (party) => {
      const cipherOf = (name: string) =>
        new Rc4(
          createHash('sha1')
            .update(name)
            .update(encryptor.S ?? Buffer.of())
            .update(encryptor.skeyHex ?? '', 'hex')
            .digest(),
        );
      const [a, b] = [cipherOf('keyA'), cipherOf('keyB')];
      const ciphers = party === 'A' ? { encrypt: a, decrypt: b } : { encrypt: b, decrypt: a };
      this.#ciphers = ciphers;
      encryptor.encryptCipher = (bytes) => applied(ciphers.encrypt, bytes);
      encryptor.decryptCipher = (bytes) => applied(ciphers.decrypt, bytes);
    };
  }
}

function applied(cipher: Rc4, bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  cipher.apply(copy);
  return copy;
}
