// Runs tests under other versions of Node: `npm run test:nodes [version ...]`. Their programs come from the npm registry, as the
// packages node-<platform>-<arch>, into a temporary folder. A version that is not to be had is skipped, and said.
// vitest.nodes.config.ts says which tests.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const given = process.argv.slice(2);
const versions = given.length > 0 ? given : ['22', '24', '26'];
const platform = process.platform === 'win32' ? 'win' : process.platform;
const name = `node-${platform}-${process.arch}`;
const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';

const folder = await mkdtemp(join(tmpdir(), 'test-nodes-'));
// Tests that are run by root have programs run by an ordinary user.
await chmod(folder, 0o755);
const failed = [];
try {
  for (const version of versions) {
    const node = await install(version);
    if (!node) continue;
    const startedAt = performance.now();
    if ((await test(node)) !== 0) failed.push(version);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    say(`${failed.includes(version) ? 'FAILED' : 'ok'}: ${version} (${seconds} s)`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failed.length > 0 ? 1 : 0;

/** The program's path; undefined, if npm has none for this machine. */
async function install(version) {
  const prefix = join(folder, version);
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const npm = ['install', ...options, '--prefix', prefix, `${name}@${version}`];
  try {
    await promisify(execFile)('npm', npm, { cwd: folder, shell: process.platform === 'win32' });
    const node = join(prefix, 'node_modules', name, program);
    const { stdout } = await promisify(execFile)(node, ['--version']);
    say(`node ${stdout.trim()}`);
    return node;
  } catch (error) {
    say(
      `skipped: npm has no ${name}@${version} to run here (${String(error.message).split('\n')[0]})`,
    );
    return undefined;
  }
}

async function test(node) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'vitest.nodes.config.ts', '--reporter=dot'];
  const child = spawn(node, args, { cwd: root, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code;
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
