// Builds dist/: the command, the library and the machines as bundles that share chunks, the types beside them, and
// the notices of what is bundled. The BitTorrent libraries go into the bundle, because their own install scripts and
// overrides would fail in the projects of those who install this package.
//
//     node scripts/build.mjs [folder]
import { execFileSync } from 'node:child_process';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundling } from './bundling.mjs';
import { noticesOf } from './notices.mjs';
import { keepPublicTypes } from './public-types.mjs';

const root = join(import.meta.dirname, '..');
const dist = resolve(root, process.argv[2] ?? 'dist');

await rm(dist, { recursive: true, force: true });

// Not minified: a stack trace should say something to whoever reads it.
const { metafile } = await build({
  ...bundling,
  absWorkingDir: root,
  entryPoints: [
    ...['bin/bittorrent-helper', 'src/index', 'machines/index'].map((path) => ({
      in: `${path}.ts`,
      out: path,
    })),
    // Beside the folder of whatever starts them: src/engine-host/worker-url.ts.
    { in: 'src/engine-host/engine-worker.ts', out: 'workers/engine-worker' },
    { in: 'src/engine/data-path/verify-worker.ts', out: 'workers/verify-worker' },
    { in: 'src/metainfo/create/hash-worker.ts', out: 'workers/hash-worker' },
  ],
  outdir: dist,
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  external: ['xstate'],
  legalComments: 'none',
  metafile: true,
});
await chmod(join(dist, 'bin/bittorrent-helper.js'), 0o755);
execFileSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json', '--outDir', join(dist, 'types')],
  { cwd: root, stdio: 'inherit' },
);
await keepPublicTypes(join(dist, 'types'), ['src/index.d.ts', 'machines/index.d.ts']);
// Last, because scripts/prepare.mjs takes it for the sign of a complete build.
await writeFile(
  join(dist, 'THIRD-PARTY-NOTICES.txt'),
  await noticesOf(root, Object.keys(metafile.inputs)),
);
