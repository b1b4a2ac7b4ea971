// The files that the page is made of, as scripts/inspector-page.mjs has built them.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const types: Readonly<Record<string, string | undefined>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'charts.json': 'application/json',
};

/** Undefined: the page has no such file. */
export async function readPageFile(name: string): Promise<PageFile | undefined> {
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) return undefined;
  const folder = new URL('../inspector/', import.meta.url);
  return { type, bytes: await readFile(fileURLToPath(new URL(name, folder))) };
}
