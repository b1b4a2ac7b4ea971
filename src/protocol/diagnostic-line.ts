// What a person is told, as one line on stderr. Names and messages come from anywhere, so they are escaped and cut here,
// and nowhere else.
import type { Diagnostic, Failure } from '../../machines/types.js';
import { escapeForTerminal } from './escape-name.js';

const maxNameCharacters = 200;
const maxMessageCharacters = 2000;

/** The line that tells of a diagnostic, its line end included. */
export function diagnosticLine(diagnostic: Diagnostic): string {
  return `bittorrent-helper: ${sentence(diagnostic)}\n`;
}

/** Whether it is told even when only errors are to be told (`--quiet`). */
export function isError({ kind }: Diagnostic): boolean {
  return kind === 'failed' || kind === 'refused' || kind === 'not-understood';
}

function sentence(diagnostic: Diagnostic): string {
  switch (diagnostic.kind) {
    case 'not-understood':
      return `Message not understood: ${shown(diagnostic.line, maxNameCharacters)}`;
    case 'published': {
      // Not cut: a program may want to read them, and they are only as long as paths and announce URLs are.
      const { torrentFile, infoHash, magnetUri } = diagnostic;
      return `${job(diagnostic)}published: ${escapeForTerminal(torrentFile)} ${infoHash} ${escapeForTerminal(magnetUri)}`;
    }
    case 'done':
      return `${job(diagnostic)}done: ${escapeForTerminal(diagnostic.contentPath)}`;
    case 'moved':
      return `${job(diagnostic)}moved: ${escapeForTerminal(diagnostic.contentPath)}`;
    case 'verified':
      return `${job(diagnostic)}verified: ${
        diagnostic.missingBytes === 0
          ? 'all of it is there'
          : `${diagnostic.missingBytes} bytes are missing, and are fetched`
      }`;
    case 'announced':
      return `${job(diagnostic)}announced: a tracker has accepted it`;
    case 'removed':
      return `${job(diagnostic)}removed`;
    case 'refused':
      return `refused: ${reason(diagnostic.failure)}`;
    case 'failed':
    case 'warning':
      return `${job(diagnostic)}${diagnostic.kind}: ${reason(diagnostic.failure)}`;
  }
}

function job({ id, file }: { readonly id?: number; readonly file?: string }): string {
  if (id === undefined) return '';
  return file === undefined ? `job ${id}: ` : `job ${id} (${shown(file, maxNameCharacters)}): `;
}

function reason({ code, message }: Failure): string {
  return `${code}: ${shown(message, maxMessageCharacters)}`;
}

function shown(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return escapeForTerminal(text);
  const cut = text.slice(0, maxCharacters).replace(/[\ud800-\udbff]$/, ''); // half a character
  return `${escapeForTerminal(cut)}…`;
}
