// The files that the page is made of, as scripts/inspector-page.mjs has built them. They are read once: so what can be asked for is a
// closed list, and a package that is replaced meanwhile mixes nothing up. A program that was bundled has left them behind: then they
// are looked for beside the program, and in the package as it is installed there.
import { readdir, readFile } from 'node:fs/promises';
import * as nodeModule from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { HelperError } from '../../errors.js';
import { builtPageUrl, inspectorCodeUrl } from './own-url.js';

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface PagePlaces {
  readonly program: string | undefined;
  /** Where the folder lies as it was built. */
  readonly built: URL;
}

const types: Readonly<Record<string, string | undefined>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};
/** Another folder may be called `inspector`, too. */
const needed = ['', 'page.js', 'page.css', 'charts.json'];

/** By name; the page itself is ''. Rejects with INSPECTOR_NOT_FOUND. */
export async function readPageFiles(
  { program, built }: PagePlaces = { program: inspectorCodeUrl, built: builtPageUrl },
): Promise<ReadonlyMap<string, PageFile>> {
  const places = [built, ...(program === undefined ? [] : placesOfBundled(program))];
  for (const folder of places) {
    const files = await filesIn(folder);
    if (needed.every((name) => files.has(name))) return files;
  }
  const looked = places.map((folder) => fileURLToPath(folder)).join(', nor in ');
  throw new HelperError(
    'INSPECTOR_NOT_FOUND',
    `the files of the inspector's page are not in ${looked}: copy dist/inspector of the package beside the program (docs/embedding.md)`,
  );
}

function placesOfBundled(program: string): readonly URL[] {
  const beside = new URL('inspector/', program);
  try {
    // As a property: a bundler would take the name for a promise to know what is required.
    const manifest = nodeModule.createRequire(program).resolve('bittorrent-helper/package.json');
    return [beside, new URL('dist/inspector/', pathToFileURL(manifest))];
  } catch {
    return [beside];
  }
}

/** None where the folder cannot be read. */
async function filesIn(folder: URL): Promise<ReadonlyMap<string, PageFile>> {
  try {
    const names = await readdir(folder);
    const files = await Promise.all(names.map((name) => readPageFile(folder, name)));
    return new Map(files.flat());
  } catch {
    return new Map();
  }
}

async function readPageFile(folder: URL, name: string): Promise<[string, PageFile][]> {
  const type = types[extname(name)];
  if (type === undefined) return [];
  const file = { type, bytes: await readFile(new URL(encodeURIComponent(name), folder)) };
  return [[name === 'index.html' ? '' : name, file]];
}
