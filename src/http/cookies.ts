// Cookies of one fetch: some servers redirect to the same URL until a cookie comes back. Of its attributes only those that
// delete one are looked at; none goes to another origin, and none outlives the fetch.
import { httpLimits } from '../limits.js';

export class FetchCookies {
  readonly #byOrigin = new Map<string, Map<string, string>>();
  #count = 0;

  /** `setCookie`: as the headers of that name stand. What is malformed, or too much, is passed over. */
  keep({ origin }: URL, setCookie: readonly string[]): void {
    const jar = this.#byOrigin.get(origin) ?? new Map<string, string>();
    for (const header of setCookie.slice(0, httpLimits.cookies)) {
      const [, name, value] = /^\s*([!-:<>-~]+)=([ -:<-~]*)(?:;|$)/.exec(header) ?? [];
      if (name === undefined || value === undefined) continue;
      if (jar.delete(name)) this.#count -= 1;
      const isTooMuch = name.length + value.length > httpLimits.cookieBytes;
      if (isDeleted(header) || isTooMuch || this.#count >= httpLimits.cookies) continue;
      jar.set(name, value.trim());
      this.#count += 1;
    }
    this.#byOrigin.set(origin, jar);
  }

  /** For the header of that name; undefined: there are none. */
  for({ origin }: URL): string | undefined {
    const jar = this.#byOrigin.get(origin) ?? new Map<string, string>();
    return jar.size === 0
      ? undefined
      : [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

function isDeleted(header: string): boolean {
  const maxAge = /;\s*max-age\s*=\s*(-?\d+)/i.exec(header)?.[1];
  if (maxAge !== undefined) return Number(maxAge) <= 0;
  const expires = /;\s*expires\s*=\s*([^;]+)/i.exec(header)?.[1];
  return expires !== undefined && Date.parse(expires) <= Date.now();
}
