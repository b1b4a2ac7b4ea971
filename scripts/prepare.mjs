// Builds dist/ unless it is up to date. npm asks for it after each install and before each pack; and npx, unseen, before
// its first call in a checkout, while others may be running what lies in dist.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const sources = ['bin', 'machines', 'src', 'types', 'scripts', 'package.json', 'tsconfig.json'];
const installed = 'node_modules/.package-lock.json';

const builtAt = await modifiedAt('dist/THIRD-PARTY-NOTICES.txt');
const changedAt = await Promise.all([...sources, installed].map(modifiedAt));
// Without the tools there is nothing to build with yet. To fail would leave npx a broken cache of this checkout, which
// even `npm ci` does not mend.
const isInstalled = (await modifiedAt(installed)) > 0;
if (isInstalled && Math.max(...changedAt) >= builtAt) await import('./build.mjs');

/** When a file, or the newest file or folder below a folder, was changed; never, if it is not there. */
async function modifiedAt(path) {
  const found = await stat(join(root, path)).catch(() => undefined);
  if (!found?.isDirectory()) return found?.mtimeMs ?? Number.NEGATIVE_INFINITY;
  const names = await readdir(join(root, path));
  const below = await Promise.all(names.map((name) => modifiedAt(join(path, name))));
  return Math.max(found.mtimeMs, ...below);
}
