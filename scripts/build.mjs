// Builds dist/: the command, the library and the machines as bundles that share chunks, the types beside them, and
// the notices of what is bundled. The BitTorrent libraries go into the bundle, because their own install scripts and
// overrides would fail in the projects of those who install this package.
//
//     node scripts/build.mjs [folder]
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { leaveOut } from './left-out.mjs';

const root = join(import.meta.dirname, '..');
const dist = join(root, process.argv[2] ?? 'dist');

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['bin/bittorrent-helper.ts', 'src/index.ts', 'machines/index.ts'],
  outdir: dist,
  outbase: '.',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Bundled CommonJS asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  external: ['xstate'],
  legalComments: 'none',
  keepNames: true,
  plugins: [leaveOut()],
  metafile: true,
  logLevel: 'warning',
});

await chmod(join(dist, 'bin/bittorrent-helper.js'), 0o755);
await writeFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), await notices(Object.keys(metafile.inputs)));
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.types.json',
    '--outDir',
    join(dist, 'types'),
  ],
  {
    cwd: root,
    stdio: 'inherit',
  },
);

/** The licence of every package that has a file in the bundle, as those licences ask. */
async function notices(inputs) {
  const folders = new Set(
    inputs.flatMap((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []),
  );
  const texts = await Promise.all([...folders].sort().map(notice));
  return `Parts of these packages are contained in the files of this folder.\n\n${texts.join('\n')}`;
}

async function notice(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(root, folder, 'package.json'), 'utf8'),
  );
  const text = await licenceText(folder);
  return `${'-'.repeat(78)}\n${name} ${version} (${license})\n\n${text}\n`;
}

async function licenceText(folder) {
  for (const file of [
    'LICENSE',
    'LICENSE.md',
    'LICENSE.txt',
    'license',
    'LICENCE',
    'COPYING',
    'LICENSE-MIT',
  ]) {
    try {
      return (await readFile(join(root, folder, file), 'utf8')).trim();
    } catch {}
  }
  return 'The package contains no licence text of its own.';
}
