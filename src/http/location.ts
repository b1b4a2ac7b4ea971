// Where a response redirects to, as text that a URL can be made of. Pure.
import type { IncomingHttpHeaders } from 'node:http';

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Undefined if it does not redirect. */
export function redirectLocation(
  statusCode: number,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (!redirectStatuses.has(statusCode)) return undefined;
  // It may come twice, whatever the types say.
  const [location] = [headers.location].flat();
  return location === undefined ? undefined : locationText(location);
}

/**
 * Headers come a character a byte. Bytes beyond ASCII are UTF-8 where they can be, for a host may be among them; any others
 * are asked for as they came.
 */
export function locationText(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return header.replace(
      /[\x80-\xff]/g,
      (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  }
}
