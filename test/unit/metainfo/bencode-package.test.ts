// Our stand-in for the package `bencode`, held against the package itself in both of its versions.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import bencode, { decode, type Encodable, encode } from '../../../src/metainfo/bencode-package.js';
import { type Bencodable, encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { BencodeError } from '../../../src/metainfo/scan-bencode.js';

interface Package {
  decode(bytes: Uint8Array): unknown;
  encode(value: unknown): Uint8Array;
}

const modules = join(import.meta.dirname, '../../../node_modules');
const { default: newer }: { readonly default: Package } = await import(
  join(modules, 'bencode/index.js')
);
const require = createRequire(import.meta.url);
const older: Package = require(join(modules, 'k-rpc-socket/node_modules/bencode/lib/index.js'));

const bytes = (text: string) => Buffer.from(text, 'latin1');
const text = (encoded: Uint8Array) => Buffer.from(encoded).toString('latin1');

/** A decoded value of either side, in a form that compares: byte strings in hex, dictionaries as lists. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return { entries: Object.entries(value).map(([key, item]) => [key, shown(item)]) };
}

/** Keys as bytes, one a character; `__proto__` has a test of its own. */
function messages(key: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> {
  const { dictionary } = fc.letrec<{ value: Bencodable; dictionary: Record<string, Bencodable> }>(
    (tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.maxSafeInteger(),
        fc.uint8Array(),
        fc.array(tie('value'), { maxLength: 5 }),
        tie('dictionary'),
      ),
      dictionary: fc.dictionary(
        key.filter((name) => name !== '__proto__'),
        tie('value'),
        { maxKeys: 6 },
      ),
    }),
  );
  return dictionary.map((value) => encodeBencode(value));
}

const anyKey = fc.uint8Array({ maxLength: 6 }).map(text);
const utf8Key = fc
  .string({ unit: 'binary', maxLength: 6 })
  .filter((key) => !key.includes('\ufffd'))
  .map((key) => text(Buffer.from(key)));

describe('decode', () => {
  it('reads what the newer version of the package reads, as it does', () => {
    fc.assert(
      fc.property(messages(anyKey), (message) => {
        expect(shown(decode(message))).toEqual(shown(newer.decode(message)));
      }),
    );
  });

  it('reads what the older version of the package reads, as it does', () => {
    fc.assert(
      fc.property(messages(utf8Key), (message) => {
        expect(shown(decode(message))).toEqual(shown(older.decode(Buffer.from(message))));
      }),
    );
  });

  it('gives Buffers, which k-rpc-socket asks for', () => {
    const { t, e } = decode(bytes('d1:eli203e1:xe1:t2:\x01\x02e'));
    expect(Buffer.isBuffer(t) && t.readUInt16BE(0)).toBe(0x0102);
    expect(Array.isArray(e) && Buffer.isBuffer(e[1])).toBe(true);
  });

  it('keeps none of the bytes it was given', () => {
    const message = bytes('junkd1:a3:xyze').subarray(4);
    const { a } = decode(message);
    message.fill(0);
    expect(a).toEqual(bytes('xyz'));
    expect(Buffer.isBuffer(a) && a.buffer.byteLength).toBe(message.length);
  });

  it('reads text as its UTF-8, as ut_metadata gives it', () => {
    expect(decode('d8:msg_typei0e5:piecei3ee')).toMatchObject({ msg_type: 0, piece: 3 });
    expect(decode('d2:üi1ee')).toMatchObject({ ü: 1 });
  });

  it.each([
    ['nothing', ''],
    ['a list', 'le'],
    ['a number', 'i1e'],
    ['a length that leads backwards', 'd1:a-3:xe'],
    ['a key whose length does', 'd-9007199254740991:id1:xe'],
    ['a length with a sign', 'd1:a+1:xe'],
    ['a broken length', 'd1:a1.5:xe'],
    ['a string past the end', 'd1:a9:xe'],
    ['lists without end', `d1:a${'l'.repeat(16 * 1024)}`],
    ['dictionaries without end', 'd1:a'.repeat(16 * 1024)],
    ['lists that are deep', `d1:a${'l'.repeat(30)}${'e'.repeat(30)}e`],
    ['lists that are many', `d1:al${'le'.repeat(2 ** 17)}ee`],
  ])('refuses %s', (_, message) => {
    expect(() => decode(bytes(message))).toThrow(BencodeError);
  });

  it.each([
    ['what follows the dictionary', 'd1:ai1eedecomment'],
    ['a needless zero', 'd1:ai01ee'],
    ['a number that is too large, or none', `d1:ai1e1:bi${'9'.repeat(1000)}e1:ci1.5e1:di-ee`],
    ['a key that comes twice', 'd1:ai1e1:ai2ee'],
  ])('reads over %s', (_, message) => {
    expect({ ...decode(bytes(message)) }).toEqual({ a: 1 });
  });

  it('reads the largest datagram there is', () => {
    const { v } = decode(bytes(`d1:vl${'le'.repeat(32_750)}ee`));
    expect(v).toHaveLength(32_750);
    const keys = Array.from({ length: 6_000 }, (_, index) => `${`${index}`.length}:${index}0:`);
    expect(Object.keys(decode(bytes(`d1:vd${keys.join('')}ee`)).v ?? {})).toHaveLength(6_000);
  });

  it('leaves prototypes alone, whatever the keys', () => {
    const message = decode(bytes('d9:__proto__d6:hiddeni1ee11:constructori2ee'));
    expect(Object.keys(message)).toEqual(['__proto__', 'constructor']);
    expect(message.hidden).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'hidden')).toBe(false);
    expect(text(encode(message))).toBe('d9:__proto__d6:hiddeni1ee11:constructori2ee');
    expect(decode(bytes('de')).toString).toBeUndefined();
  });

  it('makes nothing that throws when it is taken for a number or a text', () => {
    const odd = 'd8:toStringi1e7:valueOfi1ee';
    const { p } = decode(bytes(`d1:pl${odd}dee1:qi1ee`));
    expect(`${p}`).toBe('[object Object],[object Object]');
    expect(Number(decode(bytes(`d1:p${odd}e`)).p)).toBeNaN();
  });

  it('throws nothing but BencodeError, whatever is changed in a message', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat(3),
      put: fc.oneof(
        fc.constantFrom('d', 'l', 'e', 'i', ':', '-', '0', '-1:', '99:', 'i-0e', '1:a', 'de', 'le'),
        fc.uint8Array({ maxLength: 3 }).map(text),
      ),
    });
    const changed = fc
      .tuple(messages(anyKey), fc.array(edit, { minLength: 1, maxLength: 4 }))
      .map(([message, edits]) =>
        edits.reduce((before, { at, cut, put }) => {
          const from = at % (before.length + 1);
          return `${before.slice(0, from)}${put}${before.slice(from + cut)}`;
        }, text(message)),
      );
    fc.assert(
      fc.property(changed, (message) => {
        try {
          Object.values(decode(bytes(message))).map(String);
        } catch (error) {
          expect(error).toBeInstanceOf(BencodeError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

const libraryMessages: readonly (readonly [string, Encodable])[] = [
  ['handshake of extensions', { m: { ut_metadata: 1, ut_pex: 2, lt_donthave: 3 }, reqq: 250 }],
  ['handshake without any', { m: {} }],
  ['request for metadata', { msg_type: 0, piece: 3 }],
  [
    'peer exchange',
    {
      added: new Uint8Array([127, 0, 0, 1, 26, 225]),
      'added.f': Buffer.from([0x10]),
      dropped: Buffer.alloc(0),
      added6: [],
      'added6.f': Buffer.alloc(0),
      dropped6: undefined,
    },
  ],
  [
    'query of the DHT',
    {
      t: Buffer.from([255, 0]),
      y: 'q',
      q: 'announce_peer',
      ro: 1,
      a: { id: Buffer.alloc(20, 200), token: null, port: 6881, implied_port: 0 },
    },
  ],
  ['error of the DHT', { t: Buffer.from('aa'), y: 'e', e: [203, '`a.target` is missing'] }],
  ['answer of the tracker', { complete: 1, incomplete: 0, peers: Buffer.alloc(12), interval: 600 }],
  ['refusal of the tracker', { 'failure reason': 'müde' }],
];

describe('encode', () => {
  it.each(libraryMessages)('writes a %s as the package does', (_, message) => {
    expect(text(encode(message))).toBe(text(newer.encode(message)));
    expect(text(encode(message))).toBe(text(older.encode(message)));
  });

  it('writes whatever the libraries may write as the package does', () => {
    const { value } = fc.letrec<{ value: Encodable }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.maxSafeInteger(),
        fc.string({ unit: 'binary' }),
        fc.uint8Array(),
        fc.array(fc.option(tie('value')), { maxLength: 5 }),
        // By UTF-8 they are sorted as by UTF-16 up to here.
        fc.dictionary(fc.string({ maxLength: 6 }), fc.option(tie('value')), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(value, (message) => {
        expect(text(encode(message))).toBe(text(newer.encode(message)));
        expect(text(encode(message))).toBe(text(older.encode(message)));
      }),
    );
  });

  it('is undone by decoding, and undoes it', () => {
    fc.assert(
      fc.property(messages(utf8Key), (message) => {
        expect(text(encode(decode(message)))).toBe(text(message));
      }),
    );
  });

  it('writes what is true as one', () => {
    expect(text(encode({ private: true, other: false }))).toBe('d5:otheri0e7:privatei1ee');
  });

  it('refuses what is no whole number', () => {
    expect(() => encode({ interval: 0.5 })).toThrow(RangeError);
  });
});

it('is there in the forms in which the two versions are', () => {
  expect(bencode).toEqual({ decode, encode });
});
