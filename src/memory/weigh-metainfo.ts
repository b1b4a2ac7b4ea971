// How much memory metainfo takes once it is parsed, seen from its bytes alone: a torrent of 10 MB may be 10 MB of hashes, or
// a million names. Pure; bytes that are no bencoding weigh what was seen before that was found out.

/** Of each string, number, list and dictionary. Twenty-seven stay, and while they are parsed it is up to 150 for a moment. */
const bytesPerValue = 48;
/** A name is a string as well, and takes two bytes a character if one of them is beyond Latin-1. */
const bytesPerNameByte = 2;
const longestName = 255;
const letter = { d: 0x64, e: 0x65, i: 0x69, l: 0x6c, colon: 0x3a, zero: 0x30 };

/** In bytes, these included. */
export function weighMetainfo(bytes: Uint8Array): number {
  let values = 0;
  let nameBytes = 0;
  let offset = 0;
  while (offset < bytes.length) {
    let byte = bytes[offset];
    offset += 1;
    if (byte === letter.e) continue;
    values += 1;
    if (byte === letter.d || byte === letter.l) continue;
    if (byte === letter.i) {
      while (offset < bytes.length && bytes[offset] !== letter.e) offset += 1;
      continue;
    }
    let length = 0;
    for (; byte !== letter.colon; offset += 1) {
      const digit = byte === undefined ? -1 : byte - letter.zero;
      if (digit < 0 || digit > 9) return weightOf(bytes, values, nameBytes);
      length = length * 10 + digit;
      byte = bytes[offset];
    }
    nameBytes += Math.min(length, longestName);
    offset += length;
  }
  return weightOf(bytes, values, nameBytes);
}

function weightOf({ length }: Uint8Array, values: number, nameBytes: number): number {
  return length + values * bytesPerValue + nameBytes * bytesPerNameByte;
}
