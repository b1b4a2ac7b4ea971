// Programs that use the library and were bundled with it by others: they find the engine's file, or say at once that it is
// not there.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { dist, root } from '../support/helper/helper-process.js';
import { withoutProxies } from '../support/processes/without-proxies.js';

const engine = join(dist, 'workers/engine-worker.cjs');

/** Publishes a file and downloads it again. What it needs of the environment is where to do so. */
const program = `
  import { createHelper } from 'bittorrent-helper';
  import { readFileSync, writeFileSync } from 'node:fs';
  const { ENGINE } = process.env;
  const options = { noDht: true, stateDir: 'state', engineWorkerUrl: ENGINE };
  async function main() {
    writeFileSync('content', 'x'.repeat(100_000));
    const seeder = await createHelper(options);
    const leecher = await createHelper({ ...options, downloadDir: 'copies' });
    const { torrentFile } = await seeder.seed('content').published;
    await leecher.download(torrentFile).done;
    console.log(readFileSync('copies/content').equals(readFileSync('content')));
    await Promise.all([seeder.close(), leecher.close()]);
  }
  main().catch(({ name, code, message }) => {
    console.log(name, code, message);
    process.exitCode = 1;
  });`;

async function bundled(format: 'esm' | 'cjs') {
  const folder = await scratchFolder();
  const file = join(folder, 'out', format === 'esm' ? 'program.mjs' : 'program.cjs');
  await build({
    stdin: { contents: program, resolveDir: root },
    alias: { 'bittorrent-helper': join(dist, 'src/index.js') },
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format,
    // What it says of import.meta it does not say of packages in a node_modules.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const run = async (env: Readonly<Record<string, string>> = {}) => {
    const running = promisify(execFile)(process.execPath, [file], {
      cwd: folder,
      env: withoutProxies(env),
      timeout: 20_000,
    });
    const { stdout } = await running.catch((error: { stdout: string }) => error);
    return stdout;
  };
  return { folder, run };
}

it.each(['esm', 'cjs'] as const)(
  'as %s says what to do where the engine’s file is not, and works where the package is installed above it',
  async (format) => {
    const { folder, run } = await bundled(format);
    expect(await run()).toMatch(
      /^HelperError ENGINE_NOT_FOUND .*: copy bittorrent-helper\/engine-worker /,
    );
    await mkdir(join(folder, 'node_modules'));
    await symlink(root, join(folder, 'node_modules/bittorrent-helper'));
    expect(await run()).toBe('true\n');
  },
);

it('works with a copy of the engine’s file beside it, or with the one that it is given', async () => {
  const { folder, run } = await bundled('cjs');
  await writeFile(join(folder, 'other.cjs'), 'globalThis.bittorrentHelperEngine="0.0.1";');
  expect(await run({ ENGINE: join(folder, 'other.cjs') })).toMatch(
    /^HelperError OPTION_INVALID engineWorkerUrl file:.*other\.cjs is not the engine of /,
  );
  expect(await run({ ENGINE: engine })).toBe('true\n');
  await copyFile(engine, join(folder, 'out/engine-worker.cjs'));
  expect(await run()).toBe('true\n');
});
