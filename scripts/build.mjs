// Builds dist/: the library and the machines as modules that share chunks, the command and the engine's thread as one
// script each, which V8's code cache can be kept for, the types beside them, and the notices of what is bundled. The BitTorrent libraries go into the bundle, because their own install scripts and
// overrides would fail in the projects of those who install this package.
//
//     node scripts/build.mjs [folder]
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { apart, bundling, commonjs, sharedUndici } from './bundling.mjs';
import { buildInspectorPage } from './inspector-page.mjs';
import { lineMaps } from './line-maps.mjs';
import { exportMachines, machineJson } from './machines-export/export-machines.mjs';
import { noticesOf } from './notices.mjs';
import { publicTypes, writePublicTypes } from './public-types.mjs';

const root = join(import.meta.dirname, '..');
const dist = resolve(root, process.argv[2] ?? 'dist');

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
await rm(dist, { recursive: true, force: true });

const undici = 'chunks/undici-connections.cjs';
/** What most who run the command never load, each in a file of its own. */
const apartFiles = {
  'src/terminal/live-view.ts': 'chunks/live-view.cjs',
  'src/client/connect.ts': 'chunks/connect.cjs',
  'src/inspection/server/live-inspection.ts': 'chunks/inspector.cjs',
  'src/inspection/stately/stately-page.ts': 'chunks/stately-inspector.cjs',
  'src/cli/run-inspect.ts': 'chunks/inspect-recording.cjs',
};
const common = {
  absWorkingDir: root,
  outdir: dist,
  outbase: '.',
  legalComments: 'none',
  metafile: true,
};
const withoutUndici = (plugins) => [sharedUndici(`../${undici}`), ...plugins];
const entries = (sources) => Object.entries(sources).map(([out, source]) => ({ in: source, out }));

const builds = await Promise.all([
  buildInspectorPage(root, join(dist, 'inspector')),
  // What others import, and bundle: nothing in it depends on where it lies but src/engine-thread/host/own-url.ts.
  build({
    ...bundling,
    ...common,
    banner: {},
    plugins: [...withoutUndici(bundling.plugins), lineMaps()],
    entryPoints: entries({
      'src/index': 'src/index.ts',
      'src/client': 'src/client/index.ts',
      'src/inspector': 'src/inspection/index.ts',
      'machines/index': 'machines/index.ts',
    }),
    chunkNames: 'chunks/[name]-[hash]',
    external: ['xstate'],
    define: { HELPER_VERSION: JSON.stringify(version) },
  }),
  build({
    ...commonjs,
    ...common,
    plugins: [
      ...withoutUndici(commonjs.plugins),
      ...Object.entries(apartFiles).map(([source, out]) => apart(source, `../${out}`)),
    ],
    entryPoints: entries({ 'bin/command': 'bin/command.ts' }),
    define: { HELPER_VERSION: JSON.stringify(version), 'import.meta.url': '__moduleUrl' },
  }),
  build({
    ...commonjs,
    ...common,
    entryPoints: Object.entries(apartFiles).map(([source, out]) => ({
      in: source,
      out: out.replace(/\.cjs$/, ''),
    })),
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': 'undefined' },
  }),
  // All that it needs is in one file, which a bundled program can have beside it. What it is shows its last line, be it
  // minified by others: src/engine-thread/host/find-engine.ts.
  build({
    ...commonjs,
    ...common,
    entryPoints: entries({ 'workers/engine-worker': 'src/engine-thread/worker/engine-worker.ts' }),
    outExtension: { '.js': '.cjs' },
    footer: { js: `globalThis.bittorrentHelperEngine="${version}";` },
  }),
  // What Node itself is told to run.
  build({
    ...commonjs,
    ...common,
    entryPoints: entries({ 'bin/bittorrent-helper': 'bin/bittorrent-helper.ts' }),
    define: { 'import.meta.dirname': '__dirname' },
  }),
  build({
    ...commonjs,
    ...common,
    outdir: undefined,
    entryPoints: ['scripts/undici-connections.mjs'],
    outfile: join(dist, undici),
  }),
]);
await writeFile(join(dist, 'bin/package.json'), '{ "type": "commonjs" }\n');
await chmod(join(dist, 'bin/bittorrent-helper.js'), 0o755);
// The command knows its manual page by heart.
const { stdout: manualPage } = await promisify(execFile)(process.execPath, [
  join(dist, 'bin/command.js'),
  'man',
]);
await mkdir(join(dist, 'man'));
await writeFile(join(dist, 'man/bittorrent-helper.1'), manualPage);
await exportMachines(join(dist, 'machines'), { json: machineJson });
await writePublicTypes(root, join(dist, 'types'), publicTypes);
// Last, because scripts/prepare.mjs takes it for the sign of a complete build.
await writeFile(
  join(dist, 'THIRD-PARTY-NOTICES.txt'),
  await noticesOf(root, [
    ...new Set(builds.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
  ]),
);
