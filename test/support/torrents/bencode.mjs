// @ts-check
// Bencoding (BEP 3), written down apart from our own, so that what others would make can be made. Plain JavaScript: the
// benchmark runs without a build.

/**
 * @typedef {string | number | Uint8Array | readonly Bencodable[] | { readonly [key: string]: Bencodable }} Bencodable
 */

/**
 * @param {Bencodable} value
 * @returns {Buffer}
 */
export function bencode(value) {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return bencode(Buffer.from(value));
  if (value instanceof Uint8Array) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  if (isList(value)) return wrap('l', value.map(bencode));
  const keys = Object.keys(value).sort();
  return wrap(
    'd',
    keys.flatMap((key) => [bencode(key), bencode(value[key] ?? '')]),
  );
}

/**
 * @param {Bencodable} value
 * @returns {value is readonly Bencodable[]}
 */
function isList(value) {
  return Array.isArray(value);
}

/**
 * @param {string} mark
 * @param {readonly Buffer[]} parts
 */
function wrap(mark, parts) {
  return Buffer.concat([Buffer.from(mark), ...parts, Buffer.from('e')]);
}
