// Takes secrets out of text: passkeys, passwords, tokens, cookies. A recording is shown to strangers, and so it is left whole only
// what is known to be harmless: of a URL its scheme, host, port, and the shape of its path and query.

export const secretMark = '‹secret›';

/** Cheap, for the many texts that hold nothing of the kind. */
const suspect =
  /:\/\/|[=?]|%3a%2f|magnet:|cookie|authorization|bearer|pass|pwd|secret|token|-key|\/(?:announce|scrape)/i;

const header =
  /\b((?:set-)?cookie2?|(?:proxy-)?authorization|x-[a-z-]{0,20}(?:token|key))("?\s*[:=]\s*)[^\r\n]+|\b(bearer\s+)[\w.~+/=-]{8,}/gi;

const secretNames =
  /[\w-]{0,24}(?:pass(?:word|key|phrase|wd)|token|secret)|torrent_pass|pass|pwd|(?:set-)?cookie2?|(?:proxy-)?authorization|auth|(?:auth|rss|api|private|access)[-_]?key|(?:php)?sess(?:ion)?(?:[-_]?id)?|sid|sig|[\w-]{0,24}signature/;
const secretName = new RegExp(`^(?:${secretNames.source})$`, 'i');

/** Where something secret may stand: whichever begins first takes all that belongs to it. No part of it may look far ahead. */
const places = new RegExp(
  [
    /(?<magnet>magnet:\?[^\s"<>`]*)/,
    /(?<url>[a-z][a-z0-9+.-]{0,15}:\/\/[^\s"<>`]*)/,
    /(?<encoded>[a-z][a-z0-9+.-]{0,15}(?:%25){0,3}%3a(?:%25){0,3}%2f[^\s"<>`&]*)/,
    /(?<query>\?[^\s"<>`?=]{0,100}=[^\s"<>`]*)/,
    /(?<path>\/[^\s"<>`/]{1,300}(?=\/(?:announce|scrape)))/,
    new RegExp(`(?<name>\\b(?:${secretNames.source})["']?\\s?[=:]\\s?["']?)[^\\s&;,"<>]+`),
    new RegExp(`(?<named>\\b(?:${secretNames.source})\\s["']?)(?<word>[\\w.~+/=-]{8,})`),
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);

/** What an announce says of itself, and what a magnet link names: none of it lets anybody in. */
const announceNames = new Set(
  'info_hash peer_id port uploaded downloaded left compact event numwant'.split(' '),
);
const magnetNames = new Set('xt dn xl kt so x.pe mt'.split(' '));

/** The same text with each secret replaced. What was so treated stays as it is when it is treated again. */
export function redact(text: string): string {
  const known = redacted.get(text);
  if (known !== undefined) return known;
  const shown = suspect.test(text) ? redactDeep(text, 0) : text;
  if (text.length > longestKept) return shown;
  if (redacted.size >= mostKept) redacted.clear();
  redacted.set(text, shown);
  return shown;
}

/** The same few texts come again and again: names of fields, a job's file and magnet link. */
const redacted = new Map<string, string>();
const mostKept = 2_000;
const longestKept = 1_000;

/** A field of this name holds nothing else. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

function redactDeep(text: string, depth: number): string {
  return text
    .replace(header, (_, name = '', mark = '', bearer = '') => name + mark + bearer + secretMark)
    .replace(places, (whole: string, ...rest: readonly unknown[]) => {
      const { magnet, url, encoded, path, name, named, word = '' } = groupsOf(rest);
      if (magnet !== undefined) return `magnet:?${query(magnet.slice(8), depth, magnetNames)}`;
      if (url !== undefined) return redactUrl(url, depth);
      if (encoded !== undefined) return redactEncoded(encoded, depth) ?? secretMark;
      if (path !== undefined) return `/${announceComponent(path.slice(1))}`;
      if (name !== undefined) return name + secretMark;
      // As in a sentence: `passkey 0f3a… not found`.
      if (named !== undefined) return isRandom(word) ? named + secretMark : whole;
      return `?${query(whole.slice(1), depth)}`;
    });
}

function groupsOf(rest: readonly unknown[]): Readonly<Record<string, string | undefined>> {
  const groups = rest.at(-1);
  return typeof groups === 'object' && groups !== null ? { ...groups } : {};
}

function redactUrl(given: string, depth: number): string {
  // A sentence goes on after it.
  const end = /[)\]}'.,;:!…]*$/.exec(given)?.[0] ?? '';
  const url = given.slice(0, given.length - end.length);
  const [, scheme = '', authority = '', path = '', asked, fragment] =
    /^([^:]*:\/\/)([^/?#\\]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(url) ?? [];
  const isAnnounce = /^(?:udp|wss?):/i.test(scheme) || /announce|scrape/i.test(path);
  const component = isAnnounce ? announceComponent : anyComponent;
  const shown = /^file:/i.test(scheme) ? path : path.replace(/[^/\\]+/g, component);
  return [
    scheme,
    redactAuthority(authority),
    shown,
    asked === undefined ? '' : `?${query(asked, depth)}`,
    fragment === undefined ? '' : `#${query(fragment, depth)}`,
    end,
  ].join('');
}

function redactAuthority(authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  // No port: the password before a slash that should have been encoded.
  const shown = host.replace(/:(?!\d{0,5}$)[^\]]*$/, `:${secretMark}`);
  return at < 0 ? shown : `${secretMark}@${shown}`;
}

/** Of a URL that a tracker may have given to one user alone. */
function announceComponent(component: string): string {
  const isPlain = /^(?:[a-z]{1,15}|v?\d{1,3}|.{1,3}|[a-z_-]{1,20}\.[a-z]{1,4})$/i;
  return isPlain.test(component) ? component : secretMark;
}

function anyComponent(component: string): string {
  return /@/.test(component) || decoded(component).split('.').some(isRandom)
    ? secretMark
    : component;
}

/** It looks as if a machine had made it: a hash, a UUID, base64. */
function isRandom(text: string): boolean {
  if (text.length < 16) return false;
  if (/^[\da-f-]{16,}$/i.test(text) && /\d/.test(text)) return true;
  if (text.length >= 20 && /^[\w+=-]+$/.test(text) && isMixed(text)) return true;
  // No word is so long.
  if (/[a-z]{24}/i.test(text)) return true;
  return text
    .split(/[^a-z\d]+/i)
    .some((run) => run.length >= 16 && (isMixed(run) || (/\d/.test(run) && /[a-z]/i.test(run))));
}

/** Capitals, small letters and digits take turns more often than in words. */
function isMixed(text: string): boolean {
  const turns = text.match(/[a-z](?=[A-Z\d])|\d(?=[A-Za-z])|[A-Z](?=\d)/g) ?? [];
  return turns.length * 4 >= text.length;
}

function query(text: string, depth: number, harmless: ReadonlySet<string> = announceNames): string {
  return text.replace(/[^&;]+/g, (parameter) => {
    const at = parameter.indexOf('=');
    const name = decoded(parameter.slice(0, Math.max(at, 0))).toLowerCase();
    const value = parameter.slice(at + 1);
    if (harmless.has(name.replace(/\.\d+$/, ''))) return parameter;
    const isHarmless =
      /^(?:\d{1,10}|[a-z]{1,12}|)$/i.test(value) && !/key|user|uid|pin|code/.test(name);
    if (isHarmless && !secretName.test(name)) return parameter;
    return parameter.slice(0, at + 1) + (redactEncoded(value, depth) ?? secretMark);
  });
}

/** What is there as a parameter of a URL, if it is one itself; undefined: it is none, or packed too often. */
function redactEncoded(value: string, depth: number): string | undefined {
  const inner = decoded(value);
  if (depth >= 3 || !/^(?:[a-z][a-z\d+.-]{0,15}:\/\/|magnet:\?)/i.test(inner)) return undefined;
  const shown = redactDeep(inner, depth + 1);
  return inner === value ? shown : encodeURIComponent(shown).replaceAll(encodedMark, secretMark);
}

const encodedMark = encodeURIComponent(secretMark);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
