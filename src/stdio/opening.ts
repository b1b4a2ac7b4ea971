// What the first bytes of an input say of its encoding. It holds back no more of them than it takes to tell, four at
// most, and knows nothing of lines.

type Expected = (byte: number) => boolean;

const is = (wanted: number): Expected => {
  return (byte) => byte === wanted;
};
const isNul = is(0);
const isText: Expected = (byte) => byte !== 0;

type Encoding = 'utf-8' | 'utf-8 with a mark' | 'utf-16';

const openings: readonly (readonly [Encoding, readonly Expected[]])[] = [
  ['utf-8 with a mark', [is(0xef), is(0xbb), is(0xbf)]],
  ['utf-16', [is(0xff), is(0xfe)]],
  ['utf-16', [is(0xfe), is(0xff)]],
  // Without a byte order mark it shows by its NULs: what may stand in a line begins with two ASCII characters.
  ['utf-16', [isText, isNul, isText, isNul]],
  ['utf-16', [isNul, isText, isNul, isText]],
];

const markBytes = 3;

export interface Opening {
  /** What of these bytes, and of those that were held back, is to be read; undefined for an input in UTF-16. */
  pass(bytes: Uint8Array): Uint8Array | undefined;
  /** What is still held back at the end. */
  rest(): Uint8Array;
}

/** Takes a UTF-8 byte order mark away, as PowerShell and .NET write one, and tells UTF-16. */
export function createOpening(): Opening {
  let begun: Uint8Array = new Uint8Array();
  let encoding: Encoding | undefined;
  return {
    pass(bytes) {
      if (encoding === 'utf-16') return undefined;
      if (encoding !== undefined) return bytes;
      const first = begun.length === 0 ? bytes : Buffer.concat([begun, bytes]);
      encoding = encodingOf(first);
      // A copy: whoever hands out bytes may use their memory again.
      begun = encoding === undefined ? Uint8Array.from(first) : new Uint8Array();
      if (encoding === 'utf-16') return undefined;
      if (encoding === undefined) return begun.subarray(begun.length);
      return encoding === 'utf-8' ? first : first.subarray(markBytes);
    },
    rest: () => begun,
  };
}

/** Undefined while more of them are needed. */
function encodingOf(bytes: Uint8Array): Encoding | undefined {
  const possible = openings.filter(([, expected]) =>
    expected.every((isExpected, at) => {
      const byte = bytes[at];
      return byte === undefined || isExpected(byte);
    }),
  );
  if (possible.length === 0) return 'utf-8';
  return possible.find(([, expected]) => expected.length <= bytes.length)?.[0];
}
