// Builds what the inspector's page is made of: dist/inspector/ has all that a browser is given, and nothing is fetched from elsewhere.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** @returns {Promise<import('esbuild').BuildResult & { metafile: import('esbuild').Metafile }>} */
export async function buildInspectorPage(root, folder) {
  await mkdir(folder, { recursive: true });
  const source = join(root, 'src/inspection/page');
  await copyFile(join(source, 'index.html'), join(folder, 'index.html'));
  await writeFile(join(folder, 'charts.json'), '[]');
  return build({
    absWorkingDir: root,
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
