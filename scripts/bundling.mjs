// How our programs are bundled, with the BitTorrent libraries inside.
import { join } from 'node:path';
import { leaveOut } from './left-out.mjs';
import { oneBencode } from './one-bencode.mjs';
import { quickActors } from './quick-actors.mjs';
import { checksOfSchemas } from './schema/compiled-checks.mjs';
import { threadSources } from './thread-source.mjs';

/** @satisfies {import('esbuild').BuildOptions} */
export const bundling = {
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Bundled CommonJS asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [leaveOut(), oneBencode(), quickActors(), threadSources(), checksOfSchemas()],
  logLevel: 'warning',
};

/** One CommonJS file each, and so to be run by code that was compiled before: see src/code-cache. */
export const commonjs = {
  ...bundling,
  splitting: false,
  format: 'cjs',
  banner: {},
  // A script cannot import. What it would import it has inside, or requires.
  supported: { 'dynamic-import': false },
  // The comments go and the names stay: a stack trace should say something to whoever reads it.
  minifyWhitespace: true,
  lineLimit: 120,
};

/**
 * Leaves undici to one file that all bundles share, beside the folder of whatever bundle asks for it.
 * @returns {import('esbuild').Plugin}
 */
export function sharedUndici(path) {
  return {
    name: 'shared-undici',
    setup(build) {
      build.onResolve({ filter: /^undici$/ }, () => ({ path, external: true }));
    },
  };
}

/**
 * Leaves a source to a file of its own, which is read when it is imported first; `path`: from the bundle that does.
 * @returns {import('esbuild').Plugin}
 */
export function apart(source, path) {
  return {
    name: 'apart',
    setup(build) {
      const name = source.replace(/^.*\/(.*)\.ts$/, '$1');
      build.onResolve({ filter: new RegExp(`/${name}\\.js$`) }, ({ resolveDir, path: asked }) => {
        const isIt = join(resolveDir, asked).endsWith(source.replace(/\.ts$/, '.js'));
        return isIt ? { path, external: true } : undefined;
      });
    },
  };
}
