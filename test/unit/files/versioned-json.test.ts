import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeVersioned,
  encodeChecked,
  encodeCheckedList,
  encodeVersioned,
  FileFlaw,
} from '../../../src/files/versioned-json.js';

const fields = { name: 'größer \ud83d\ude00', list: [1, null, { deep: 'x' }], left: undefined };
const text = Buffer.from(encodeChecked(3, fields)).toString();
const read = (json: string) => decodeVersioned(Buffer.from(json), 2, 3);

describe('a file with a checksum', () => {
  it('is read back as it was written', () => {
    const { name, list } = fields;
    expect(read(text)).toEqual({ version: 3, name, list, checksum: expect.any(String) });
  });

  it('is read back whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { value: found } = decodeVersioned(encodeChecked(1, { value }), 1);
        expect(found).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is read back with a long list, which comes in parts of a thousand, a line an item', () => {
    for (const count of [0, 1, 999, 1_000, 1_001, 3_500]) {
      const items = Array.from({ length: count }, (_, nth) => nth);
      const describe = (nth: number) => (nth % 7 === 3 ? null : { nth, text: `ü"${nth}` });
      const parts = [
        ...encodeCheckedList(3, { name: fields.name }, { name: 'items', items, describe }),
      ];
      const json = Buffer.concat(parts).toString();
      expect(parts).toHaveLength(2 + Math.ceil(count / 1_000));
      expect(read(json)).toMatchObject({ name: fields.name, items: items.map(describe) });
      expect(json.split('\n').filter((line) => /^ {4}(null|\{.*\}),?$/.test(line))).toHaveLength(
        count,
      );
      const changed = json.replace('ü', 'u');
      if (count > 0) expect(() => read(changed)).toThrow('does not match its checksum');
    }
  });

  it('may be laid out anew, as an editor does', () => {
    expect(read(JSON.stringify(JSON.parse(text)))).toEqual(read(text));
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(read(text));
  });

  it('is refused with one bit flipped, anywhere', () => {
    const bytes = Buffer.from(text);
    // The key of the checksum alone may go unnoticed: without it there is nothing to compare with.
    const key = text.indexOf('"checksum"');
    const isKey = (at: number) => at > Buffer.from(text.slice(0, key)).length && at < key + 14;
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const at = bit >> 3;
      if (isKey(at)) continue;
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
      expect(() => decodeVersioned(flipped, 2, 3), `bit ${bit}`).toThrow(FileFlaw);
    }
  });

  it.each([
    ['with other values', text.replace('"deep": "x"', '"deep": "y"')],
    ['with values in another order', text.replace('1,\n    null', 'null,\n    1')],
    ['with a value more', text.replace('{\n', '{\n  "more": 0,\n')],
    ['of another version, though it is known', text.replace('"version": 3', '"version": 2')],
    ['with a checksum of another type', text.replace(/"checksum": ".*"/, '"checksum": null')],
  ])('is refused %s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(() => read(changed)).toThrow('does not match its checksum');
  });

  it('may be changed by a person who takes the checksum out', () => {
    const { checksum, ...rest } = JSON.parse(text);
    expect(checksum).toMatch(/^[0-9a-f]{64}$/);
    expect(read(JSON.stringify({ ...rest, name: 'other' }))).toMatchObject({ name: 'other' });
  });
});

describe('a file with a version', () => {
  it('needs no checksum', () => {
    expect(decodeVersioned(encodeVersioned(2, { a: 1 }), 2)).toEqual({ version: 2, a: 1 });
  });

  it.each([
    ['', 'is empty'],
    ['{', 'is not JSON'],
    ['[1]', 'holds no JSON object'],
    ['{"version": "2"}', 'has no version'],
    ['{"version": 4}', 'has version 4, and this program knows version 3'],
  ])('is refused where it is %j', (json, why) => {
    expect(() => read(json)).toThrow(why);
  });
});
