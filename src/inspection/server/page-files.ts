// The files that the page is made of, as scripts/inspector-page.mjs has built them. They are read once: so what can be asked for is a
// closed list, and a package that is replaced meanwhile mixes nothing up.
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { HelperError } from '../../errors.js';
import { builtPageUrl } from './own-url.js';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const types: Readonly<Record<string, string | undefined>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

/** By name; the page itself is ''. Rejects with INSPECTOR_NOT_FOUND. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  try {
    const names = await readdir(builtPageUrl);
    const files = await Promise.all(names.map(readPageFile));
    return new Map(files.flat());
  } catch (cause) {
    const message = `the files of the inspector's page are not in ${builtPageUrl.pathname}`;
    throw new HelperError('INSPECTOR_NOT_FOUND', message, { cause });
  }
}

async function readPageFile(name: string): Promise<[string, PageFile][]> {
  const type = types[extname(name)];
  if (type === undefined) return [];
  const file = { type, bytes: await readFile(new URL(name, builtPageUrl)) };
  return [[name === 'index.html' ? '' : name, file]];
}
