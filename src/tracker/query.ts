// The query of a tracker request (BEP 3): percent-encoded bytes, which are no UTF-8 and must not be read as such.
import { parse } from 'node:querystring';

/** All values of `name` in the URL of a request, one character a byte, in the order given. Never throws. */
export function queryValues(url: string, name: string): readonly string[] {
  const start = url.indexOf('?');
  if (start < 0) return [];
  const value = parse(url.slice(start + 1), '&', '=', { decodeURIComponent: decodeBytes })[name];
  return typeof value === 'string' ? [value] : (value ?? []);
}

function decodeBytes(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
