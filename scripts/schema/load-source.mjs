// A module of the sources, without a build of the whole.
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** @param {string} path below the root */
export function loadSource(path) {
  return importBuilt({ entryPoints: [join(root, path)] });
}

/** @param {import('esbuild').BuildOptions} options what to bundle */
export async function importBuilt(options) {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'warning',
  });
  const [{ contents }] = outputFiles;
  return import(`data:text/javascript;base64,${Buffer.from(contents).toString('base64')}`);
}
