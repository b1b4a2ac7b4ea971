import { join } from 'node:path';
import Wire from 'bittorrent-protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  exchangeKeysQuickly,
  guardKeyExchange,
} from '../../../../src/engine/webtorrent/key-exchange.js';

interface Side {
  generateKeys(): Uint8Array;
  computeSecret(publicKey: Uint8Array): Uint8Array;
}

// The package neither exports it nor has types for it.
const library = join(import.meta.dirname, '../../../../node_modules/bittorrent-protocol/mse.js');
const { MessageStreamEncryptor }: { MessageStreamEncryptor: new () => { readonly dh: Side } } =
  await import(library);

const ours = (): Side => {
  const wire = new Wire('tcpIncoming', 1);
  exchangeKeysQuickly(wire);
  if (wire._encryptor === null) throw new Error('no encryption');
  return wire._encryptor.dh;
};

describe('the key exchange', () => {
  it('comes to the same secret as the library’s, however many are under way', () => {
    const sides = Array.from({ length: 5 }, () => ({
      ours: ours(),
      theirs: new MessageStreamEncryptor().dh,
    }));
    const keys = sides.map(
      (each) => [each.ours.generateKeys(), each.theirs.generateKeys()] as const,
    );
    for (const [nth, { ours: here, theirs }] of sides.entries()) {
      const [ourKey, theirKey] = keys[nth] ?? [];
      if (ourKey === undefined || theirKey === undefined) throw new Error('no keys');
      expect(Buffer.from(here.computeSecret(theirKey))).toEqual(
        Buffer.from(theirs.computeSecret(ourKey)),
      );
    }
    expect(new Set(keys.map(([key]) => Buffer.from(key).toString('hex'))).size).toBe(5);
  });

  it('costs less for twenty than once as the library has it', () => {
    ours().generateKeys();
    const theirKey = new MessageStreamEncryptor().dh.generateKeys();
    const cpuOf = (task: () => void) => {
      const before = process.cpuUsage();
      task();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const library = cpuOf(() => new MessageStreamEncryptor().dh.generateKeys());
    const twenty = cpuOf(() => {
      for (let nth = 0; nth < 20; nth++) {
        const side = ours();
        side.generateKeys();
        side.computeSecret(theirKey);
      }
    });
    expect(twenty).toBeLessThan(library);
  });

  it('throws at a key that is none', () => {
    const side = ours();
    side.generateKeys();
    expect(() => side.computeSecret(Buffer.alloc(96))).toThrow();
  });
});

describe('whoever asks for a key exchange that may not be', () => {
  it('is hung up on before anything is computed', () => {
    const wire = new Wire('tcpIncoming', 1);
    exchangeKeysQuickly(wire);
    const mayBegin = vi.fn(() => false);
    guardKeyExchange(wire, mayBegin);
    const destroy = vi.spyOn(wire, 'destroy');
    const push = vi.spyOn(wire, 'push');
    expect(() => wire._write(Buffer.alloc(96, 0x41), () => {})).toThrow();
    const calls = [mayBegin, destroy, push].map(({ mock }) => mock.calls.length);
    expect(calls).toEqual([1, 1, 0]);
  });

  it('is not asked of those who speak plaintext', () => {
    const wire = new Wire('tcpIncoming', 1);
    const mayBegin = vi.fn(() => false);
    guardKeyExchange(wire, mayBegin);
    const handshake = Buffer.concat([Buffer.from('\x13BitTorrent protocol'), Buffer.alloc(48, 1)]);
    wire._write(handshake, () => {});
    expect([mayBegin.mock.calls.length, wire.destroyed]).toEqual([0, false]);
  });
});
