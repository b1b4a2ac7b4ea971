// Bundles the soak into a temporary folder and runs it in this process. `npm run soak` builds the helper first; HELPER_DIST
// names another build than dist.
//
//     npm run soak -- [--minutes 30] [--torrents 200] [--seed N] [--without PART[,PART]] [--keep] [--write]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'soak-build-'));
try {
  await build({
    absWorkingDir: root,
    entryPoints: ['test/soak/main.ts'],
    outdir: folder,
    bundle: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    logLevel: 'warning',
  });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  process.setSourceMapsEnabled(true);
  const { main } = await import(pathToFileURL(join(folder, 'main.js')).href);
  process.exitCode = await main(root, process.argv.slice(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
