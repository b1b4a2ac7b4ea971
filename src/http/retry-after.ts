// The Retry-After header (RFC 9110, 10.2.3): seconds, or a date.

const maxRetryAfterMs = 60_000;

/** How long the server asks to wait, at most a minute; undefined if it does not say, or not clearly. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const askedMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(askedMs) ? undefined : Math.min(Math.max(askedMs, 0), maxRetryAfterMs);
}
