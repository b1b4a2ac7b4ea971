// That no library decodes what strangers send by anything but our own decoder: here, and in bundles.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundling } from '../../scripts/bundling.mjs';
import { librariesWithBencode } from '../../scripts/one-bencode.mjs';
import { feedLibraries } from '../support/engine/feed-libraries.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const refusesWhatIsWrong = {
  right: 'taken',
  'with lists that are deep': 'refused',
  'with a length below nought': 'refused',
};
const allRefuse = {
  'bittorrent-protocol': refusesWhatIsWrong,
  'k-rpc-socket': refusesWhatIsWrong,
  'parse-torrent': refusesWhatIsWrong,
  ut_pex: refusesWhatIsWrong,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-bencode-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the libraries refuse bencode that is wrong, where the sources are tested', async () => {
  expect(await feedLibraries()).toEqual(allRefuse);
});

test('every library that comes to the package is known', async () => {
  const { packages }: { packages: Record<string, { dependencies?: Record<string, string> }> } =
    JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const found = new Set(['bencode']);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [path, { dependencies = {} }] of Object.entries(packages)) {
      const name = path.split('node_modules/').at(-1) ?? '';
      if (name !== '' && Object.keys(dependencies).some((each) => found.has(each))) found.add(name);
    }
  }
  const required = ['k-rpc', 'k-rpc-socket'];
  expect([...found].sort()).toEqual(['bencode', ...librariesWithBencode, ...required].sort());
});

describe('a bundle', () => {
  test('has libraries that refuse it as well', async () => {
    const contents = `
      import { feedLibraries } from './test/support/engine/feed-libraries.js';
      process.stdout.write(JSON.stringify(await feedLibraries()));`;
    const stdin = { contents, resolveDir: root, sourcefile: 'feed.mjs' };
    await build({ ...bundling, stdin, outdir: folder, outExtension: { '.js': '.mjs' } });
    const { stdout } = await run(process.execPath, [join(folder, 'stdin.mjs')], {
      timeout: 20_000,
    });
    expect(JSON.parse(stdout)).toEqual(allRefuse);
  });

  test.each([
    ['src/engine-thread/worker/engine-worker.ts', 'src/metainfo/bencode-package.ts'],
    ['test/fuzz/thread/worker.ts', 'src/metainfo/bencode-package.ts'],
    // No library of theirs decodes anything.
    ['bin/command.ts', 'src/metainfo/decode-bencode.ts'],
    ['src/index.ts', 'src/metainfo/decode-bencode.ts'],
  ])('of %s has no bencode in it but ours', async (entry, ours) => {
    const { metafile } = await build({
      ...bundling,
      absWorkingDir: root,
      entryPoints: [entry],
      outdir: folder,
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain(ours);
    expect(inputs.filter((path) => /node_modules\/bencode\//.test(path))).toEqual([]);
  });
});
