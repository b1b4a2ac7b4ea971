// Every source file of src, machines and bin, with what it imports: whence, and whether as types alone.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * @typedef {{ readonly target: string, readonly isType: boolean }} Import `target`: a path below the root, else the specifier
 * @typedef {{ readonly path: string, readonly text: string, readonly code: string, readonly imports: readonly Import[] }} SourceFile
 */

/**
 * @param {string} root
 * @param {readonly string[]} folders
 * @returns {Promise<readonly SourceFile[]>} by path
 */
export async function sourceFiles(root, folders = ['bin', 'machines', 'src']) {
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name}`),
    ),
  );
  const paths = names
    .flat()
    .filter((name) => /\.(?:tsx?|mjs)$/.test(name) && !name.endsWith('.d.ts'));
  const existing = new Set(paths);
  return Promise.all(paths.sort().map((path) => sourceFile(root, path, existing)));
}

async function sourceFile(root, path, existing) {
  const text = await readFile(join(root, path), 'utf8');
  const code = withoutComments(text);
  const found = [
    ...code.matchAll(/^(?:import|export)(\s+type)?\b[^;'"]*?\bfrom\s+'([^']+)'/gm),
    ...code.matchAll(/^import()\s+'([^']+)'/gm),
    ...code.matchAll(/(\btypeof\s+)?\bimport\(\s*'([^']+)'/g),
  ];
  const imports = found.map(([, type, specifier = '']) => ({
    target: specifier.startsWith('.')
      ? sourceOf(join(dirname(path), specifier), existing)
      : specifier,
    // Of a schema, what runs has what was compiled of it.
    isType: Boolean(type) || specifier.endsWith('?checks'),
  }));
  return { path, text, code, imports };
}

/** What is imported as `.js`. */
function sourceOf(target, existing) {
  const name = target.replace(/\.js(?:\?\w+)?$/, '');
  if (name === target) return target;
  return existing.has(`${name}.tsx`) ? `${name}.tsx` : `${name}.ts`;
}

/** What of a file is no comment. A comment begins behind a space or a bracket, which no URL in a string does. */
function withoutComments(text) {
  return text.replace(/(^|[\s({[,;])(?:\/\*.*?\*\/|\/\/[^\n]*)/gs, '$1');
}
