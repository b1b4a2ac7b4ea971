import { expect, it } from 'vitest';
import { peerClient } from '../../../../../src/engine/measuring/detail/peer-client.js';

const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');

it.each([
  ['Transmission 3.00', 'Transmission 3.00', '-TR3000-aaaaaaaaaaaa'],
  ['qBittorrent 4.6.5.0', undefined, '-qB4650-aaaaaaaaaaaa'],
  ['ZZ 1.2.3.4', undefined, '-ZZ1234-aaaaaaaaaaaa'],
  ['M7-4-3--', 5, 'M7-4-3--aaaaaaaaaaaa'],
  ['', undefined, ''],
])('is %j', (name, said, peerId) => {
  expect(peerClient(said, hex(peerId))).toBe(name);
  expect(peerClient(typeof said === 'string' ? Buffer.from(said) : said, hex(peerId))).toBe(name);
});

it('is cut, and has nothing in it that turns, hides or breaks text', () => {
  expect(peerClient('a\u0000b\nc\u202ed\u200be\u2028f\x1b[31m', null)).toBe('abcdef[31m');
  expect(peerClient(Buffer.from([0xff, 0xfe, 0x61]), null)).toBe('a');
  expect(peerClient('é'.repeat(10_000), null)).toBe('é'.repeat(48));
  expect(peerClient('\u0007', '-'.repeat(40))).toBe('');
});
