import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BencodeDictionary, type BencodeValue } from '../../../src/metainfo/bencode-values.js';
import {
  type BencodeKind,
  decodeBencode,
  decodeTolerantly,
} from '../../../src/metainfo/decode-bencode.js';
import { type Bencodable, Bencoded, encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { BencodeError } from '../../../src/metainfo/scan-bencode.js';
import { asDictionary } from '../../support/trackers/tracker-requests.js';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const text = (encoded: Uint8Array) => Buffer.from(encoded).toString('latin1');
const decode = (input: string) => decodeBencode(bytes(input));

/** What was decoded, in the form that is encoded. */
function plain(value: BencodeValue): Bencodable {
  if (value instanceof BencodeDictionary) {
    return Object.fromEntries(value.entries.map((entry) => [entry.key, plain(entry.value)]));
  }
  return value instanceof Uint8Array || typeof value === 'number' ? value : value.map(plain);
}

function dictionary(input: string): BencodeDictionary {
  const value = decode(input);
  if (!(value instanceof BencodeDictionary)) throw new Error('not a dictionary');
  return value;
}

describe('decodeBencode', () => {
  it('reads integers, strings, lists and dictionaries', () => {
    expect(decode('i42e')).toBe(42);
    expect(decode('i-7e')).toBe(-7);
    expect(decode('i0e')).toBe(0);
    expect(decode('4:spam')).toEqual(bytes('spam'));
    expect(decode('0:')).toEqual(bytes(''));
    expect(decode('l4:spami1ee')).toEqual([bytes('spam'), 1]);
    expect(plain(decode('d1:ai1e1:bl1:cee'))).toEqual({ a: 1, b: [bytes('c')] });
  });

  it('gives the same however often, and in whatever order, it is asked for', () => {
    const padding = 'x'.repeat(5_000);
    const outer = dictionary(`d1:ad1:bli1ed1:c1:dee1:e3:fghe1:p5000:${padding}e`);
    const inner = asDictionary(outer.get('a'));
    const list = inner.get('b');
    expect(inner.get('e')).toEqual(bytes('fgh'));
    expect(outer.get('p')).toEqual(bytes(padding));
    const [number, innermost] = Array.isArray(list) ? list : [];
    expect(number).toBe(1);
    expect(asDictionary(innermost).get('c')).toEqual(bytes('d'));
    expect(text(outer.raw('a') ?? bytes(''))).toBe('d1:bli1ed1:c1:dee1:e3:fghe');
    expect(inner.get('b')).toEqual(list);
  });

  it('keeps strings as bytes, whatever they are', () => {
    expect(decode('3:\x00\xff\x80')).toEqual(Uint8Array.of(0, 255, 128));
  });

  it('reads the largest safe integers and refuses the next', () => {
    expect(decode('i9007199254740991e')).toBe(Number.MAX_SAFE_INTEGER);
    expect(decode('i-9007199254740991e')).toBe(Number.MIN_SAFE_INTEGER);
    expect(() => decode('i9007199254740992e')).toThrow(BencodeError);
    expect(() => decode(`i${'9'.repeat(100_000)}e`)).toThrow(BencodeError);
  });

  it.each([
    '',
    'x',
    'e',
    'i',
    'ie',
    'i-e',
    'i-0e',
    'i01e',
    'i+1e',
    'i1',
    'i1.5e',
    'i 1e',
    '1',
    '1:',
    '2:a',
    '01:a',
    '-1:a',
    ':',
    'l',
    'le2',
    'li1e',
    'd',
    'd1:a',
    'd1:ae',
    'di1ei2ee',
    'd1:ai1e',
    'i1ei2e',
    '9007199254740991:a',
  ])('refuses %j', (input) => {
    expect(() => decode(input)).toThrow(BencodeError);
  });

  it('tells at which byte the input goes wrong', () => {
    expect(() => decode('d1:ai1e1:bxe')).toThrow(expect.objectContaining({ offset: 10 }));
    expect(() => decode('i1ei2e')).toThrow('trailing bytes at byte 3');
  });

  it('refuses a key that comes twice, next to each other or not', () => {
    expect(() => decode('d1:ai1e1:ai2ee')).toThrow('twice');
    expect(() => decode('d1:ai1e1:bi1e1:ai2ee')).toThrow('twice');
  });

  it('reads keys that are out of order', () => {
    const value = dictionary('d1:bi1e1:ai2ee');
    expect([value.get('a'), value.get('b'), value.get('c')]).toEqual([2, 1, undefined]);
  });

  it('gives the bytes of a value as they stand in the input', () => {
    const value = dictionary('d4:infod1:bi1e1:ai2ee5:otheri3ee');
    expect(text(value.raw('info') ?? bytes(''))).toBe('d1:bi1e1:ai2ee');
    expect(text(value.raw('other') ?? bytes(''))).toBe('i3e');
    expect(value.raw('missing')).toBeUndefined();
  });

  it('finds values and raw bytes in a view that begins in the middle of a buffer', () => {
    const view = bytes('junkd1:a3:xyze').subarray(4);
    const value = decodeBencode(view);
    expect(value instanceof BencodeDictionary && value.raw('a')).toEqual(bytes('3:xyz'));
    expect(value instanceof BencodeDictionary && value.get('a')).toEqual(bytes('xyz'));
  });

  const isTaken = (input: string, kind: BencodeKind) => {
    try {
      return decodeBencode(bytes(input), kind) !== undefined;
    } catch {
      return false;
    }
  };
  const nested = (depth: number) => `${'l'.repeat(depth)}${'e'.repeat(depth)}`;
  /** How often lists can stand in each other until that is too deep. */
  const deepest = (kind: BencodeKind) =>
    Array.from({ length: 200 }, (_, depth) => depth).filter((depth) =>
      isTaken(nested(depth + 1), kind),
    ).length;

  it('takes an info dictionary only if the metainfo that it stands in is taken, too', () => {
    const depth = deepest('info');
    expect(depth).toBeGreaterThan(50);
    expect(isTaken(`d4:info${nested(depth)}e`, 'metainfo')).toBe(true);
    expect(isTaken(`d4:info${nested(depth + 1)}e`, 'metainfo')).toBe(false);
  });

  it('holds what comes over the wire to bounds of its own', () => {
    expect(deepest('wire')).toBe(17);
    expect(isTaken(`d1:v${nested(17)}e`, 'wire')).toBe(false);
    expect(isTaken(`l${'le'.repeat(131_071)}e`, 'wire')).toBe(true);
    expect(isTaken(`l${'le'.repeat(131_072)}e`, 'wire')).toBe(false);
  });

  it('takes the longest answer of a tracker, a peer a dictionary', () => {
    const peer = 'd2:ip7:1.2.3.44:porti80ee';
    const answer = `d8:intervali1800e5:peersl${peer.repeat(Math.floor(2 ** 20 / peer.length) - 2)}ee`;
    expect(isTaken(answer, 'wire')).toBe(true);
  });

  it('refuses deep nesting instead of overflowing the stack', () => {
    expect(decode(`${'l'.repeat(100)}${'e'.repeat(100)}`)).toBeInstanceOf(Array);
    expect(() => decode('l'.repeat(1_000_000))).toThrow('nested too deep');
    expect(() => decode('d1:a'.repeat(1_000_000))).toThrow('nested too deep');
  });

  it('refuses millions of values', () => {
    expect(() => decode(`l${'le'.repeat(2_000_001)}e`)).toThrow('too many values');
  });

  it('throws nothing but BencodeError, whatever the bytes', () => {
    const bencodeLike = fc
      .array(fc.constantFrom('i', 'e', 'l', 'd', '0', '1', '2', '9', '-', ':', 'a', '\xff'))
      .map((letters) => bytes(letters.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), bencodeLike), (input) => {
        try {
          decodeBencode(input);
        } catch (error) {
          expect(error).toBeInstanceOf(BencodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('decodeTolerantly', () => {
  const read = (input: string, kind: 'metainfo' | 'wire' = 'metainfo') => {
    const { value, flaws } = decodeTolerantly(bytes(input), kind);
    return { value: plain(value), flaws };
  };

  it.each<[string, string, Bencodable, string]>([
    ['bytes behind the end', 'd1:ai1ee\n# made by hand', { a: 1 }, 'trailing bytes at byte 8'],
    [
      'a key that comes twice, of which the first counts',
      'd1:ai1e1:bi2e1:ai3ee',
      { a: 1, b: 2 },
      'twice',
    ],
    ['zeroes before a number', 'd1:ai0042ee', { a: 42 }, 'number'],
    ['zeroes before a length', 'd01:a002:xye', { a: bytes('xy') }, 'needless zero'],
    ['a zero with a sign', 'd1:ai-0ee', { a: 0 }, 'number'],
    ['a number that is too large', 'd1:ai99999999999999999999e1:bi1ee', { b: 1 }, 'too large'],
    ['a number with a fraction', 'd1:ai1.5e1:bi1ee', { b: 1 }, 'or none at byte 5'],
    ['a number without a digit', 'd1:ai-e1:bie1:ci1ee', { c: 1 }, 'or none'],
    ['a number in a list that cannot be read', 'li1ei1.5ei2ee', [1, 2], 'or none'],
  ])('reads over %s', (_, input, expected, flaw) => {
    for (const kind of ['metainfo', 'wire'] as const) {
      const { value, flaws } = read(input, kind);
      expect(value).toEqual(expected);
      expect(flaws?.first).toContain(flaw);
    }
  });

  it('counts what it read over, once however often that is asked for, and tells the first', () => {
    const { value, flaws } = decodeTolerantly(
      bytes('d1:ad1:bi01ee1:ai2e1:cie1:di1eex'),
      'metainfo',
    );
    expect(flaws).toEqual({
      first: 'number with a needless zero or sign at byte 9',
      count: 4,
    });
    expect(plain(value)).toEqual({ a: { b: 1 }, d: 1 });
    expect(decodeTolerantly(bytes('d1:ai1ee'), 'metainfo').flaws).toBeUndefined();
  });

  it.each([
    ['a key that comes twice', 'd1:ai1e1:ai1ee'],
    ['a key deep within that comes twice', 'd1:ald1:bi1e1:bi1eeee'],
    ['zeroes before a number', 'd1:ai01ee'],
    ['zeroes before a length', 'd1:a01:xe'],
    ['a number that is too large', 'd1:ai99999999999999999999ee'],
  ])('refuses %s in the info dictionary of metainfo', (_, info) => {
    expect(() => read(`d1:ai01e4:info${info}e`)).toThrow(BencodeError);
    expect(read(`d1:ad4:info${info}ee`).flaws?.count).toBe(1);
    expect(read(`d4:info${info}e`, 'wire').flaws?.count).toBe(1);
  });

  it('refuses metainfo with two info dictionaries, next to each other or not', () => {
    expect(() => read('d4:infode4:infodee')).toThrow('twice');
    expect(() => read('d4:infode1:ai1e4:infodee')).toThrow('twice');
    expect(() => read('d4:infoi01e4:infodee')).toThrow(BencodeError);
    expect(read('d1:ad4:infode4:infodeee').value).toEqual({ a: { info: {} } });
  });

  it('gives the bytes of the first of two values', () => {
    const { value } = decodeTolerantly(bytes('d1:b1:x1:a1:y1:b1:ze'), 'metainfo');
    expect(text(asDictionary(value).raw('b') ?? bytes(''))).toBe('1:x');
  });

  it.each(['', 'x', 'i', 'i1.5e', 'i01', 'd1:ai1', 'd1:a', 'di1ei2ee', '-1:a', 'i\x00e', '5:a'])(
    'refuses %j',
    (input) => {
      expect(() => read(input)).toThrow(BencodeError);
    },
  );

  it('holds flawed input to the same bounds', () => {
    expect(() => read('l'.repeat(1_000_000))).toThrow('nested too deep');
    expect(() => read(`l${'ie'.repeat(2_000_001)}e`)).toThrow('too many values');
    expect(read(`l${'ie'.repeat(1_999_999)}e`)).toEqual({
      value: [],
      flaws: expect.objectContaining({ count: 1_999_999 }),
    });
  });

  it('reads what the strict decoder reads, to the same values', () => {
    const bencodeLike = fc
      .array(
        fc.constantFrom(
          'i',
          'e',
          'l',
          'd',
          '0',
          '1',
          '2',
          '-',
          ':',
          '1:a',
          '1:b',
          '4:info',
          'd',
          'e',
          'i1e',
        ),
      )
      .map((letters) => bytes(letters.join('')));
    fc.assert(
      fc.property(bencodeLike, fc.constantFrom('metainfo', 'wire'), (input, kind) => {
        const strict = attempt(() => plain(decodeBencode(input, kind)));
        const tolerant = attempt(() => decodeTolerantly(input, kind));
        if (strict === undefined) return;
        expect(tolerant?.flaws).toBeUndefined();
        expect(tolerant && plain(tolerant.value)).toEqual(strict);
      }),
      { numRuns: 2000 },
    );
  });
});

/** What is made, or undefined where the input is refused. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(BencodeError);
    return undefined;
  }
}

describe('encodeBencode', () => {
  it('sorts keys by their bytes and writes text as UTF-8', () => {
    expect(text(encodeBencode({ b: 1, a: 'ü', B: [] }))).toBe('d1:Ble1:a2:\xc3\xbc1:bi1ee');
  });

  it('embeds what is bencoded already as it stands', () => {
    expect(text(encodeBencode([new Bencoded(bytes('d1:bi1e1:ai2ee'))]))).toBe('ld1:bi1e1:ai2eee');
  });

  it('refuses numbers that have no exact form', () => {
    for (const number of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => encodeBencode(number)).toThrow(RangeError);
    }
  });

  it('is undone by decoding', () => {
    const value = fc.letrec<{ value: Bencodable }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.maxSafeInteger().map((number) => number || 0),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.dictionary(fc.string({ unit: latin1, maxLength: 5 }), tie('value'), {
          noNullPrototype: true,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (original) => {
        const encoded = encodeBencode(original);
        expect(plain(decodeBencode(encoded))).toEqual(original);
        expect(encodeBencode(plain(decodeBencode(encoded)))).toEqual(encoded);
      }),
    );
  });
});

const latin1 = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
