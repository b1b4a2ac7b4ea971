// How much memory metainfo takes once it is parsed, seen from its bytes alone: a torrent of 10 MB may be 10 MB of hashes, or
// a million names. Pure; bytes that are no bencoding weigh what was seen before that was found out.

/** Of each string, number, list and dictionary. Twenty-seven stay, and while they are parsed it is up to 150 for a moment. */
const bytesPerValue = 48;
/** A name is a string as well, and takes two bytes a character if one of them is beyond Latin-1. */
const bytesPerNameByte = 2;
const longestName = 255;
const letter = { d: 0x64, e: 0x65, i: 0x69, l: 0x6c, colon: 0x3a, zero: 0x30, nine: 0x39 };

/** In bytes, these included. */
export function weighMetainfo(bytes: Uint8Array): number {
  let weight = bytes.length;
  let offset = 0;
  while (offset < bytes.length) {
    const byte = bytes[offset] ?? 0;
    if (byte === letter.e) {
      offset += 1;
      continue;
    }
    weight += bytesPerValue;
    if (byte === letter.d || byte === letter.l) offset += 1;
    else if (byte === letter.i) offset = after(bytes, letter.e, offset);
    else {
      const begin = after(bytes, letter.colon, offset);
      let length = 0;
      for (; offset < begin - 1; offset += 1) {
        const digit = (bytes[offset] ?? 0) - letter.zero;
        if (digit < 0 || digit > 9) return weight;
        length = length * 10 + digit;
      }
      if (length <= longestName) weight += length * bytesPerNameByte;
      offset = begin + length;
    }
  }
  return weight;
}

function after(bytes: Uint8Array, terminator: number, offset: number): number {
  const at = bytes.indexOf(terminator, offset);
  return at === -1 ? bytes.length : at + 1;
}
