// The key exchange of message stream encryption, the one dear step of a handshake. To name a prime to OpenSSL costs 19 ms,
// for it is proven each time; with one group for all connections, and keys as short as they need be, it is 0.1 ms.
// Private: `_encryptor`, its `dh` and `handleStepB1`. Unnecessary once the library makes its group once.
import { createDiffieHellman, type DiffieHellman, randomBytes } from 'node:crypto';
import type Wire from 'bittorrent-protocol';

const prime =
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563';
const generator = 2;
/** Longer ones make it no harder to find out. */
const keyBytes = 20;

let group: DiffieHellman | undefined;

/** One connection's side of it, as the library calls it. */
class KeyExchange {
  readonly #privateKey = randomBytes(keyBytes);

  generateKeys(): Uint8Array {
    return this.#group().generateKeys();
  }

  /** Throws at a key that is none. */
  computeSecret(publicKey: Uint8Array): Uint8Array {
    return this.#group().computeSecret(publicKey);
  }

  #group(): DiffieHellman {
    group ??= createDiffieHellman(prime, 'hex', generator);
    group.setPrivateKey(this.#privateKey);
    return group;
  }
}

/** Must run before anything is read or said. */
export function exchangeKeysQuickly(wire: Wire): void {
  const encryptor = wire._encryptor;
  if (encryptor === null) return;
  const exchange = new KeyExchange();
  Object.defineProperty(encryptor, 'dh', { get: () => exchange });
}

/** Who dials us encrypted and comes to the exchange while `mayBegin` says no is hung up on. Must run before anything is read. */
export function guardKeyExchange(wire: Wire, mayBegin: () => boolean): void {
  const encryptor = wire._encryptor;
  if (encryptor === null) return;
  const begin = encryptor.handleStepB1;
  encryptor.handleStepB1 = (publicKey) => {
    if (!mayBegin()) {
      wire.destroy();
      throw new Error('too many key exchanges');
    }
    begin.call(encryptor, publicKey);
  };
}
