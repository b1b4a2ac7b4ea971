// Which packages lie in which of the bundles, and their place in a document: `<!-- bundled packages -->`.
import { join } from 'node:path';
import { build } from 'esbuild';
import { apart, bundling } from './bundling.mjs';
import { section } from './reference-section.mjs';

const root = join(import.meta.dirname, '..');

const liveView = 'src/terminal/live-view.ts';
const statelyPage = 'src/inspection/stately/stately-page.ts';

const bundles = {
  'the engine’s thread': ['src/engine-thread/worker/engine-worker.ts'],
  'the command': ['bin/command.ts'],
  'the live view': [liveView],
  'Stately’s page': [statelyPage],
  'the inspector’s page': ['src/inspection/page/main.tsx'],
  'the library': ['src/index.ts', 'src/inspection/index.ts', 'machines/index.ts'],
};

/**
 * xstate comes to the library beside it and not within.
 * @returns {Promise<Readonly<Record<string, readonly string[]>>>} packages by bundle
 */
export async function bundledPackages() {
  const found = await Promise.all(
    Object.entries(bundles).map(async ([name, entryPoints]) => [
      name,
      await packagesOf(entryPoints),
    ]),
  );
  return Object.fromEntries(found);
}

async function packagesOf(entryPoints) {
  const { metafile } = await build({
    ...bundling,
    plugins: [
      ...bundling.plugins,
      ...[liveView, statelyPage].map((each) => apart(each, './apart.cjs')),
    ],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    absWorkingDir: root,
    entryPoints,
    outdir: 'nowhere',
    write: false,
    metafile: true,
  });
  const names = Object.keys(metafile.inputs).flatMap(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [],
  );
  return [...new Set(names)].sort();
}

/** The document with the packages that are bundled now. */
export function withPackages(text, bundled) {
  const lines = Object.entries(bundled).map(
    ([bundle, packages]) => `* ${bundle}: ${packages.map((name) => `\`${name}\``).join(', ')}\n`,
  );
  return section(text, 'bundled packages', lines.join(''));
}
