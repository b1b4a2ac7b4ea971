import { expect, it } from 'vitest';
import { quote, quoteBytes } from '../../../src/metainfo/quote.js';

it('puts text in quotes and lets printable text of any script stand', () => {
  expect(quote('Füße/日本')).toBe("'Füße/日本'");
});

it('leaves nothing in the text that could end a line', () => {
  expect(quote('a\nb\r\t\x7f\x85\u2028\u2029')).toBe("'a\\x0ab\\x0d\\x09\\x7f\\x85\\u2028\\u2029'");
});

it('cuts long text', () => {
  expect(quote('x'.repeat(10_000)).length).toBeLessThan(130);
});

it('shows bytes that are not UTF-8 with replacement characters', () => {
  expect(quoteBytes(Uint8Array.of(0x61, 0xff, 0x62))).toBe("'a\ufffdb'");
});
