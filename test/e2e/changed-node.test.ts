// Programs that use the library where Node was told to run in another way: modules by default, threads that begin with a
// preload, an `fs` that is another's.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { dist } from '../support/helper/helper-process.js';
import { withoutProxies } from '../support/processes/without-proxies.js';

/** Publishes a folder so large that threads hash it and downloads it. */
const program = `
  import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
  import { createHelper } from '${pathToFileURL(join(dist, 'src/index.js')).href}';
  mkdirSync('content');
  writeFileSync('content/a', 'x'.repeat(1000));
  truncateSync('content/a', 40 * 2 ** 20);
  writeFileSync('content/b', 'b');
  const options = { noDht: true, stateDir: 'state' };
  const seeder = await createHelper({ ...options, session: 'seeder' });
  const leecher = await createHelper({ ...options, downloadDir: 'copies' });
  const { torrentFile } = await seeder.seed('content').published;
  await leecher.download(torrentFile).done;
  const isSame = ['a', 'b'].every((name) =>
    readFileSync('copies/content/' + name).equals(readFileSync('content/' + name)),
  );
  console.log(isSame);
  await Promise.all([seeder.close(), leecher.close()]);`;

async function run(nodeOptions: string): Promise<string> {
  const cwd = await scratchFolder();
  const args = ['--input-type=module', '--eval', program];
  const env = withoutProxies({ NODE_OPTIONS: nodeOptions });
  const running = promisify(execFile)(process.execPath, args, { cwd, env, timeout: 25_000 });
  const { stdout } = await running.catch((error: { stdout: string; stderr: string }) => ({
    stdout: error.stdout + error.stderr,
  }));
  return stdout;
}

it('works where modules are the default, and every thread begins with more than a small one can hold', async () => {
  const preload = join(await scratchFolder(), 'large.cjs');
  await writeFile(preload, 'globalThis.kept = new Array(8e6).fill(0);');
  expect(await run(`--require=${preload}`)).toBe('true\n');
});

it('works with the fs of Yarn’s Plug’n’Play', async () => {
  const preload = join(import.meta.dirname, 'as-yarn-does.cjs');
  expect(await run(`--require=${preload}`)).toBe('true\n');
});
