// The nets under the library's own connection, without an engine around it.
import Wire from 'bittorrent-protocol';
import { expect, test } from 'vitest';
import { hardenWire } from '../../src/engine/harden-wire.js';
import { handshake, message, numbers } from './wicked-peer.js';

hardenWire();

/** A connection that has seen a handshake. */
async function greeted(): Promise<Wire> {
  const wire = new Wire('tcpIncoming', 0);
  wire.on('error', () => {});
  await write(wire, handshake('a'.repeat(40)));
  return wire;
}

function write(wire: Wire, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => wire._write(bytes, () => resolve()));
}

test('a peer that reads nothing is let go of once eight megabytes wait for it', async () => {
  const wire = await greeted();
  for (let blocks = 0; blocks < 100; blocks += 1) wire.piece(0, 0, Buffer.alloc(2 ** 17));
  expect(wire._readableState.buffered).toBeLessThan(9 * 2 ** 20);
  await new Promise((resolve) => wire.once('finish', resolve));
});

test('of a message that is not there yet nothing is copied', async () => {
  const wire = await greeted();
  const block = message(7, Buffer.concat([numbers(0, 0), Buffer.alloc(2 ** 19)]));
  for (let at = 0; at < block.length - 1; at += 1000) {
    await write(wire, block.subarray(at, Math.min(at + 1000, block.length - 1)));
    expect(wire._bufferSize).toBeLessThan(1000);
  }
  const came = new Promise((resolve) => wire.once('piece', resolve));
  await write(wire, block.subarray(-1));
  await came;
});

test('garbage is said to be garbage, once', async () => {
  const wire = await greeted();
  let said = 0;
  wire.on('garbage', () => {
    said += 1;
  });
  const finished = new Promise((resolve) => wire.once('finish', resolve));
  await write(wire, numbers(2 ** 31));
  await write(wire, numbers(2 ** 31));
  await finished;
  expect(said).toBe(1);
});
