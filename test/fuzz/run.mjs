// Bundles the fuzz targets into a temporary folder and runs them.
//
//     npm run fuzz -- [target ...] [--seconds 60] [--executions N] [--seed N]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundling } from '../../scripts/bundling.mjs';

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
try {
  await build({
    ...bundling,
    absWorkingDir: root,
    entryPoints: ['test/fuzz/main.ts', 'test/fuzz/thread/worker.ts'],
    outdir: folder,
    sourcemap: true,
    sourcesContent: false,
  });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const fuzzing = spawn(
    process.execPath,
    ['--enable-source-maps', join(folder, 'main.js'), ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  );
  const [code] = await once(fuzzing, 'close');
  process.exitCode = code ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
