// The source maps that come with the package: small, and of the line that a stack trace should name.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lineMaps } from '../../../scripts/line-maps.mjs';

let folder: string;
let map: { sources: string[]; mappings: string; names: string[] };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'line-maps-'));
  await mkdir(join(folder, 'node_modules/theirs'), { recursive: true });
  await writeFile(
    join(folder, 'node_modules/theirs/index.js'),
    'export function call(f) {\n  return f();\n}\n',
  );
  await writeFile(
    join(folder, 'first.ts'),
    'export interface Shape {\n  a: number;\n}\nexport const thrower = (text: string) => {\n\n  throw new Error(text);\n};\n',
  );
  await writeFile(
    join(folder, 'second.ts'),
    "import { call } from 'theirs';\nimport { thrower } from './first.js';\n\ntype A = string;\ncall(() => thrower('x' as A));\n",
  );
  await build({
    entryPoints: ['second.ts'],
    absWorkingDir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder, 'out.mjs'),
    metafile: true,
    plugins: [lineMaps()],
  });
  map = JSON.parse(await readFile(join(folder, 'out.mjs.map'), 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('lets a stack trace name the lines of the sources', async () => {
  const run = promisify(execFile)(process.execPath, ['--enable-source-maps', 'out.mjs'], {
    cwd: folder,
  });
  const { stderr }: { stderr: string } = await run.then(
    () => expect.unreachable(),
    (error) => error,
  );
  const lines = [...stderr.matchAll(/^ +at .*?(\w+\.m?[jt]s):(\d+)/gm)].map(([, ...at]) =>
    at.join(':'),
  );
  expect(lines.slice(0, 2)).toEqual(['first.ts:6', 'second.ts:5']);
  // A library's line is that of the bundle.
  expect(lines[2]).toMatch(/^out\.mjs:/);
});

it('holds nothing but them', () => {
  expect(map.sources).toEqual(['first.ts', 'second.ts']);
  expect(map.names).toEqual([]);
  expect(map).not.toHaveProperty('sourcesContent');
});
