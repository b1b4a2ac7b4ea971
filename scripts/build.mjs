// Builds dist/: the library and the machines as modules that share chunks, the command and the engine's thread as one
// script each, which V8's code cache can be kept for, the types beside them, and the notices of what is bundled. The BitTorrent libraries go into the bundle, because their own install scripts and
// overrides would fail in the projects of those who install this package.
//
//     node scripts/build.mjs [folder]
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundling, commonjs, sharedUndici } from './bundling.mjs';
import { lineMaps } from './line-maps.mjs';
import { noticesOf } from './notices.mjs';
import { publicTypes, writePublicTypes } from './public-types.mjs';

const root = join(import.meta.dirname, '..');
const dist = resolve(root, process.argv[2] ?? 'dist');

await rm(dist, { recursive: true, force: true });

const undici = 'chunks/undici-connections.cjs';
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
  // What others import.
  build({
    ...bundling,
    ...common,
    plugins: [...withoutUndici(bundling.plugins), lineMaps()],
    entryPoints: entries({ 'src/index': 'src/index.ts', 'machines/index': 'machines/index.ts' }),
    chunkNames: 'chunks/[name]-[hash]',
    external: ['xstate'],
  }),
  // The threads' lie beside the folder of whatever starts them: src/engine-thread/host/worker-url.ts.
  build({
    ...commonjs,
    ...common,
    plugins: withoutUndici(commonjs.plugins),
    entryPoints: entries({
      'bin/command': 'bin/command.ts',
      'workers/engine': 'src/engine-thread/worker/engine-worker.ts',
      'workers/verify-worker': 'src/engine/data-path/verify/verify-worker.ts',
      'workers/hash-worker': 'src/metainfo/create/threads/hash-worker.ts',
    }),
    define: { 'import.meta.url': '__moduleUrl' },
  }),
  // What Node itself is told to run.
  build({
    ...commonjs,
    ...common,
    entryPoints: entries({
      'bin/bittorrent-helper': 'bin/bittorrent-helper.ts',
      'workers/engine-worker': 'bin/engine-worker.ts',
    }),
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
for (const folder of ['bin', 'workers']) {
  await writeFile(join(dist, folder, 'package.json'), '{ "type": "commonjs" }\n');
}
await chmod(join(dist, 'bin/bittorrent-helper.js'), 0o755);
await writePublicTypes(root, join(dist, 'types'), publicTypes);
// Last, because scripts/prepare.mjs takes it for the sign of a complete build.
await writeFile(
  join(dist, 'THIRD-PARTY-NOTICES.txt'),
  await noticesOf(root, [
    ...new Set(builds.flatMap(({ metafile }) => Object.keys(metafile.inputs))),
  ]),
);
