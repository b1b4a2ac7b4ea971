// Makes of any text one name in a folder of the platform: what can be one stays as it is, letter for letter. Pure, and
// nothing but the text and the platform counts, so that the same torrent has the same names always.
import { createHash } from 'node:crypto';
import { metainfoLimits } from '../../limits.js';

/** In the place of what cannot stand in a name. */
const filler = '_';
const hashDigits = 8;
/** What is longer is no ending of a name, but the name. */
const lookedAt = 1_000;
const longestExtension = /^(.+)(\.[^.]{1,16})$/su;

/**
 * Nowhere may a name be empty, `.` or `..`, hold a slash or a NUL, or be longer than 255 bytes. Windows refuses more,
 * and would take some names for another file.
 */
export function mendName(name: string, platform: NodeJS.Platform): string {
  const plain = name.replace(/[/\0]/g, filler);
  const mended = /^\.{0,2}$/.test(plain) ? filler.repeat(plain.length || 1) : plain;
  const possible = platform === 'win32' ? mendForWindows(mended) : mended;
  return isLong(possible) ? shorten(...splitName(possible), '') : possible;
}

/** `name (2).ext`. The dot of a folder is no ending. */
export function numberName(name: string, number: number, kind: 'file' | 'folder'): string {
  const [stem, extension]: Split = kind === 'file' ? splitName(name) : [name, ''];
  const numbered = `${stem} (${number})${extension}`;
  return isLong(numbered) ? shorten(stem, extension, ` (${number})`) : numbered;
}

/** A name that is nothing but what stands for other things. */
export function isFiller(name: string): boolean {
  return name.replaceAll(filler, '') === '';
}

/** https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
function mendForWindows(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses control characters
  const plain = name.replace(/[<>:"\\|?*\u0001-\u001f]/g, filler);
  const isDevice = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i.test(plain);
  const free = isDevice ? `${filler}${plain}` : plain;
  return /[. ]$/.test(free) ? `${free.slice(0, -1)}${filler}` : free;
}

type Split = readonly [stem: string, extension: string];

function splitName(name: string): Split {
  const [, , extension = ''] = longestExtension.exec(name.slice(-lookedAt)) ?? [];
  return extension === '' ? [name, ''] : [name.slice(0, -extension.length), extension];
}

function isLong(name: string): boolean {
  return Buffer.byteLength(name) > metainfoLimits.nameBytes;
}

/** Cut between characters, and told by a hash of the whole from others that begin alike. The ending stays. */
function shorten(stem: string, extension: string, number: string): string {
  const digest = createHash('sha1').update(`${stem}${extension}`).digest('hex');
  const ending = `~${digest.slice(0, hashDigits)}${number}${extension}`;
  return `${cut(stem, metainfoLimits.nameBytes - Buffer.byteLength(ending))}${ending}`;
}

/** The longest beginning that takes no more bytes. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text.slice(0, bytes));
  let end = Math.min(bytes, encoded.length);
  while (end < encoded.length && isInside(encoded[end])) end -= 1;
  return encoded.toString('utf8', 0, end);
}

/** Whether a byte of UTF-8 goes on with a character. */
function isInside(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
