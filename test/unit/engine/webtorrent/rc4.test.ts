import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rc4 } from '../../../../src/engine/webtorrent/rc4.js';

interface Encryptor {
  S: Uint8Array;
  encryptCipher(bytes: Uint8Array): Uint8Array;
  decryptCipher(bytes: Uint8Array): Uint8Array;
  _initializeCiphers(party: 'A' | 'B'): void;
}

// The package neither exports it nor has types for it.
const library = join(import.meta.dirname, '../../../../node_modules/bittorrent-protocol/mse.js');
const { MessageStreamEncryptor }: { MessageStreamEncryptor: new (infoHash: string) => Encryptor } =
  await import(library);

/** The key stream from `from` on, of which RFC 6229 counts the 1024 discarded bytes too. */
function keyStream(key: string, from: number, lengthBytes: number): string {
  const bytes = Buffer.alloc(from - 1024 + lengthBytes);
  new Rc4(Buffer.from(key, 'hex')).apply(bytes);
  return bytes.toString('hex', from - 1024);
}

describe('RC4', () => {
  it.each([
    ['0102030405', 1024, '30abbcc7c20b01609f23ee2d5f6bb7df'],
    ['0102030405', 1520, '3294f744d8f9790507e70f62e5bbceead8729db41882259bee4f825325f5a130'],
    ['0102030405', 4096, 'ff25b58995996707e51fbdf08b34d875'],
    ['0102030405060708090a0b0c0d0e0f10', 1024, 'bdf0324e6083dcc6d3cedd3ca8c53c16'],
    ['0102030405060708090a0b0c0d0e0f10', 4096, 'a36a4c301ae8ac13610ccbc12256cacc'],
    ['833222772a', 1024, '7828d074119cab5c22b294d7a9bfa0bb'],
    [
      '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
      1024,
      '7fec5bfd9f9b89ce6548309092d7e958',
    ],
  ])('has the key stream of RFC 6229 for %s from byte %i on', (key, from, expected) => {
    expect(keyStream(key, from, expected.length / 2)).toBe(expected);
  });

  it('understands the library, and is understood by it', () => {
    const infoHash = 'ab'.repeat(20);
    const encryptor = new MessageStreamEncryptor(infoHash);
    encryptor.S = Buffer.alloc(96, 'secret');
    encryptor._initializeCiphers('A');
    const [a, b] = ['keyA', 'keyB'].map((name) => {
      const hash = createHash('sha1').update(name).update(encryptor.S).update(infoHash, 'hex');
      return new Rc4(hash.digest());
    });
    for (const lengthBytes of [1, 68, 17, 16_397, 2]) {
      const said = Buffer.alloc(lengthBytes, 'words');
      const fromThem = Buffer.from(encryptor.encryptCipher(said));
      a?.apply(fromThem);
      expect(fromThem.equals(said)).toBe(true);
      const fromUs = Buffer.from(said);
      b?.apply(fromUs);
      expect(Buffer.from(encryptor.decryptCipher(fromUs)).equals(said)).toBe(true);
    }
  });

  it('gives the same whatever the stream is cut into, and touches nothing else', () => {
    const key = Buffer.from('some key');
    const lengths = fc.array(fc.nat(70), { maxLength: 20 });
    fc.assert(
      fc.property(lengths, fc.nat(7), (parts, offsetBytes) => {
        const sum = parts.reduce((bytes, part) => bytes + part, 0);
        const whole = Buffer.alloc(sum);
        new Rc4(key).apply(whole);
        const memory = new Uint8Array(offsetBytes + sum + 9);
        const bytes = memory.subarray(offsetBytes);
        const cipher = new Rc4(key);
        let at = 2;
        for (const part of parts) {
          cipher.apply(bytes, at, at + part);
          at += part;
        }
        const expected = Buffer.alloc(memory.length);
        whole.copy(expected, offsetBytes + 2);
        expect(Buffer.from(memory).equals(expected)).toBe(true);
      }),
    );
  });
});
