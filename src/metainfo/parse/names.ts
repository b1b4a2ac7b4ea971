// Whether the names in a torrent can stand on this machine's disk. Pure; the platform is a parameter.
import { isUtf8 } from 'node:buffer';
import { metainfoLimits } from '../../limits.js';
import { quote } from '../quote.js';
import { invalid, unsupported } from './flaws.js';

/** The text of UTF-8 bytes, a byte order mark included, or undefined where they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/**
 * Throws a flaw if `name` cannot be one name in a folder: nowhere may it be empty, `.`, `..`, longer than 255 bytes,
 * or hold a slash or a NUL. Windows refuses more; what it would take for another file must not pass.
 */
export function checkName(name: string, platform: NodeJS.Platform): void {
  if (name === '') throw invalid('it holds an empty file name');
  if (name === '.' || name === '..') throw invalid(`it holds the file name ${quote(name)}`);
  if (/[/\0]/.test(name)) throw invalid(`the file name ${quote(name)} holds a slash or a NUL`);
  if (Buffer.byteLength(name) > metainfoLimits.nameBytes) {
    throw invalid(`the file name ${quote(name)} is longer than ${metainfoLimits.nameBytes} bytes`);
  }
  if (platform === 'win32' && isRefusedByWindows(name)) {
    throw unsupported(`Windows cannot store the file name ${quote(name)}`);
  }
}

/**
 * Throws a flaw if two paths would be one file, or one is a file and the folder of another: `a` and `a/b`. macOS and
 * Windows do not tell upper case from lower, nor one way of composing an accent from another.
 */
export function checkClashes(
  paths: readonly (readonly string[])[],
  platform: NodeJS.Platform,
): void {
  const foldsCase = platform === 'darwin' || platform === 'win32';
  // Sorted, so that clashing paths are neighbours: no hash table, which chosen names could slow down. NUL is in no
  // name and comes before all else, so the paths below a folder follow it at once.
  const keys = paths
    .map((path) => path.join('\0'))
    .map((key) => (foldsCase ? foldCase(key) : key))
    .sort();
  for (const [index, key] of keys.entries()) {
    const next = keys[index + 1];
    if (next === undefined) return;
    if (next === key) throw invalid(`the file ${quotePath(key)} comes twice`);
    if (next.startsWith(`${key}\0`)) {
      throw invalid(`${quotePath(key)} is both a file and a folder`);
    }
  }
}

function quotePath(key: string): string {
  return quote(key.replaceAll('\0', '/'));
}

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function isRefusedByWindows(name: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses control characters
    /[<>:"\\|?*\u0001-\u001f]|[. ]$/.test(name) ||
    /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i.test(name)
  );
}

/** Upper case first: it takes the long s and the final sigma along. */
function foldCase(text: string): string {
  return text.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD');
}
