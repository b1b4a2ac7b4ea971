// Builds what the inspector's page is made of: dist/inspector/ has all that a browser is given, and nothing is fetched from elsewhere.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { keptCharts } from './charts/kept-charts.mjs';

/** @returns {Promise<import('esbuild').BuildResult & { metafile: import('esbuild').Metafile }>} */
export async function buildInspectorPage(root, folder) {
  await mkdir(folder, { recursive: true });
  // As it was summed up last (scripts/coverage), which takes longer than a build.
  const coverage = join(root, 'coverage/machines.json');
  if (existsSync(coverage)) await copyFile(coverage, join(folder, 'coverage.json'));
  const source = join(root, 'src/inspection/page');
  for (const name of ['index.html', 'icon.svg'])
    await copyFile(join(source, name), join(folder, name));
  await writeFile(join(folder, 'charts.json'), await keptCharts(root));
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return build({
    absWorkingDir: root,
    define: { HELPER_VERSION: JSON.stringify(version) },
    entryPoints: [join(source, 'main.tsx'), join(source, 'page.css')].map((path) => ({
      in: path,
      out: 'page',
    })),
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
}
