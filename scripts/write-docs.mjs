// Writes what the documents take from the code: statecharts, rooms, bundled packages, options, error codes, limits. `npm run docs`.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages, withPackages } from './bundled-packages.mjs';
import { withRooms } from './house/rooms-section.mjs';
import { sourceFiles } from './house/source-files.mjs';
import { withLimits } from './limits-section.mjs';
import { withReference } from './reference-section.mjs';
import { withStatecharts } from './statechart-section.mjs';

const root = join(import.meta.dirname, '..');

const machines = await load('machines/index.ts');
const { optionTable } = await load('src/cli/arguments/option-table.ts');
const { commandTable } = await load('src/cli/arguments/command-table.ts');
const { errorCodes } = await load('src/errors.ts');
const limits = await load('src/limits.ts');
const limitsSource = await readFile(join(root, 'src/limits.ts'), 'utf8');
const files = await sourceFiles(root);
const bundled = await bundledPackages();
await rewrite('ARCHITECTURE.md', (text) =>
  withPackages(withRooms(withStatecharts(text, machines), files), bundled),
);
await rewrite('README.md', (text) =>
  withReference(text, { optionTable, commandTable, errorCodes }),
);
await rewrite('docs/limits.md', (text) => withLimits(text, limitsSource, limits));

/** A module of the sources, without a build of the whole. */
async function load(path) {
  const { outputFiles } = await build({
    entryPoints: [join(root, path)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
}

async function rewrite(name, change) {
  const file = join(root, name);
  await writeFile(file, change(await readFile(file, 'utf8')));
}
