// Programs of the tests, and what they import of the sources, as one file that Node runs.
import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { threadSources } from '../../../scripts/thread-source.mjs';

/** Bundles the program at `entry` into `folder`, where any user may read it. Resolves with its path. */
export async function bundleProgram(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, `${basename(entry, '.ts')}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [threadSources()],
    logLevel: 'error',
  });
  await chmod(folder, 0o755);
  return outfile;
}
