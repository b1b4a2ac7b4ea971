// A URL as it may be shown: without the credentials and the query, which may hold a passkey.

export function showUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}
