// `import source from './x-worker.js?source'` is the text of x-worker.ts and all that it imports, ready to be run by a thread: it
// goes where the program goes, into whatever bundle or archive that is put, and there is no file to be found at run time.
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const asked = /\.js\?source$/;
const namespace = 'thread-source';
const blockingPromises = join(root, 'src/metainfo-thread/blocking-promises.ts');

/** A thread has none of its own: the text of one that it might start is empty. */
const withoutThreads = {
  name: 'without-threads',
  setup(bundle) {
    bundle.onResolve({ filter: asked }, ({ path }) => ({ path, namespace }));
    bundle.onLoad({ filter: /.*/, namespace }, () => ({ contents: '', loader: 'text' }));
  },
};

/** Run as a script or as a module, by what Node's options say: so it asks for Node's own modules as neither of the two does. */
async function threadSource(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    plugins: [withoutThreads],
    write: false,
    platform: 'node',
    target: 'node20.19',
    format: 'iife',
    minifyWhitespace: true,
    legalComments: 'none',
    banner: { js: '"use strict";{const require=process.getBuiltinModule;' },
    footer: { js: '}' },
    // A thread of its own may wait for the disk, and need not hand each call to a pool.
    alias: { 'node:fs/promises': blockingPromises },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

const pathOf = (specifier, folder) => resolve(folder, specifier.replace(asked, '.ts'));

/**
 * For bundles.
 * @returns {import('esbuild').Plugin}
 */
export function threadSources() {
  return {
    name: 'thread-sources',
    setup(bundle) {
      bundle.onResolve({ filter: asked }, ({ path, resolveDir }) => ({
        // A bundle names it in a comment.
        path: relative(root, pathOf(path, resolveDir)),
        namespace,
      }));
      bundle.onLoad({ filter: /.*/, namespace }, async ({ path }) => ({
        contents: await threadSource(join(root, path)),
        loader: 'text',
      }));
    },
  };
}

/**
 * For tests of the sources.
 * @returns {import('vite').Plugin}
 */
export function threadSourcesInTests() {
  const marked = /^\0thread-source:/;
  return {
    name: 'thread-sources',
    enforce: 'pre',
    resolveId: (specifier, importer) =>
      asked.test(specifier) && importer
        ? `\0thread-source:${pathOf(specifier, resolve(importer, '..'))}`
        : null,
    load: async (id) =>
      marked.test(id)
        ? `export default ${JSON.stringify(await threadSource(id.replace(marked, '')))};`
        : null,
  };
}
