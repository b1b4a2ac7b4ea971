// Where the user's home directory is named, `~` stands in a recording: it has the user's name in it, and a recording is given away.
import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';

/** Of this process' user, as it is called and as it lies. */
export async function homeDirectories(): Promise<readonly string[]> {
  try {
    const home = homedir();
    return [home, await realpath(home)];
  } catch {
    // A user without one, or with one that is not there.
    return [];
  }
}

/** A function from JSON to JSON of the same, in which no text names one of these folders, written as a path or in a URL. */
export function withoutHome(homes: readonly string[]): (json: string) => string {
  const names = [...new Set(homes.flatMap(spellingsOf))];
  if (names.length === 0) return (json) => json;
  // Most have none, and are left as they are.
  const inJson = new RegExp(
    names.map((name) => quoted(JSON.stringify(name).slice(1, -1))).join('|'),
    'i',
  );
  // Neither `/srv/home/ben` nor `/home/benjamin` is `/home/ben`.
  const inText = new RegExp(
    `(?<![\\p{L}\\p{N}._~%+@-])(?:${names.map(quoted).join('|')})(?![\\p{L}\\p{N}_-])`,
    'giu',
  );
  const shorten = (text: string) => text.replace(inText, '~');
  return (json) =>
    inJson.test(json) ? JSON.stringify(everyText(JSON.parse(json), shorten)) : json;
}

function spellingsOf(home: string): string[] {
  const path = home.replace(/[\\/]+$/, '');
  // `/` or `C:` is everybody's.
  if (!/[\\/]/.test(path)) return [];
  const slashed = path.replaceAll('\\', '/');
  return [path, slashed, encodeURI(slashed), encodeURIComponent(slashed), encodeURIComponent(path)];
}

function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function everyText(value: unknown, shorten: (text: string) => string): unknown {
  if (typeof value === 'string') return shorten(value);
  if (Array.isArray(value)) return value.map((each) => everyText(each, shorten));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [shorten(name), everyText(each, shorten)]),
  );
}
