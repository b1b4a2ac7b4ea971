// Starts processes that relocate content, from the sources.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleProgram } from '../processes/bundle-program.js';
import type { SampleTorrent } from '../torrents/sample-torrent.js';
import type { ChildRequest } from './relocation-program.js';

export interface RelocationProcess {
  readonly process: ChildProcess;
  /** Resolves when the relocation begins. */
  readonly begun: Promise<void>;
  /** Resolves with all it said, when it is gone. */
  readonly gone: Promise<string>;
}

/** Builds the program into `folder`, where any user may read it. */
export function buildRelocator(folder: string): Promise<string> {
  return bundleProgram(join(import.meta.dirname, 'relocation-program.ts'), folder);
}

export interface ChildRelocation {
  readonly torrent: SampleTorrent;
  readonly contentPath: string;
  readonly dir: string;
  readonly journal: string;
}

/** `uid`: the user it runs as. */
export async function startRelocation(
  program: string,
  { torrent, contentPath, dir, journal }: ChildRelocation,
  uid?: number,
): Promise<RelocationProcess> {
  // Hashes and info do not pass through JSON.
  const { info: _info, pieceHashes: _hashes, ...metainfo } = { ...torrent.metainfo };
  const request: ChildRequest = { metainfo, contentPath, dir, journal };
  const requestFile = `${journal}.request`;
  await writeFile(requestFile, JSON.stringify(request));
  const child = spawn(process.execPath, [program, requestFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid }),
  });
  let said = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('begun\n')) resolve();
    });
  });
  return { process: child, begun, gone: once(child, 'close').then(() => said) };
}

/** Where the journal says the content lies, or undefined if it says nothing. */
export function readJournal(journal: string): string | undefined {
  try {
    const text = readFileSync(journal, 'utf8');
    return text.endsWith('\n') ? text.trim() : undefined;
  } catch {
    return undefined;
  }
}
