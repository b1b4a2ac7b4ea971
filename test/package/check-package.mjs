// Packs the package as it would be published, installs it with plain npm into an empty project, and uses it there as
// its users will: the command, the library, the types.
//
//     npm run test:package
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  access,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { inspect, promisify } from 'node:util';

const deadlineMs = 60_000;
const root = join(import.meta.dirname, '../..');
const project = await mkdtemp(join(tmpdir(), 'check-package-'));
const installed = join(project, 'node_modules/bittorrent-helper');
const command = join(project, 'node_modules/.bin/bittorrent-helper');
const content = Buffer.from(Array.from({ length: 3 * 2 ** 20 }, (_, index) => (index * 7919) >> 8));
/** A proxy of the environment is for npm, not for loopback addresses. */
const direct = { ...process.env, no_proxy: '*' };
const undo = [() => rm(project, { recursive: true, force: true })];

const steps = {
  'npm pack takes nothing along that was made in the checkout': packBeside,
  'npm pack makes a tarball': pack,
  'plain npm installs it, with xstate and nothing else': install,
  'the tarball holds what it should, and no path of this machine': lookInside,
  'the bundle asks for nothing but Node and xstate': lookAtImports,
  'npx runs the command': runNpx,
  'the conformance kit within it holds the command, and the client': playConformance,
  'one process publishes a file, another downloads it': publishAndDownload,
  'a program uses the library, and nothing else is printed': useLibrary,
  'a program that requires it does so, too': requireLibrary,
  'a program has a helper in a process of its own': useClient,
  'a Yarn project uses it from within its archives': useWithYarn,
  'a strict TypeScript project compiles against its types': compile,
};

let failed;
try {
  for (const [title, step] of Object.entries(steps)) {
    failed = title;
    const told = await step();
    say(`ok: ${title}${told ? ` (${told})` : ''}`);
    failed = undefined;
  }
} catch (error) {
  say(inspect(error));
} finally {
  for (const each of undo.reverse()) await each();
}
say(failed ? `package check FAILED: ${failed}` : 'package check passed');
process.exitCode = failed ? 1 : 0;

function say(line) {
  process.stdout.write(`${line}\n`);
}

/** What a user of the README, or of an example, may have left there. npm itself takes along whatever is called README.* or LICENSE.*. */
async function packBeside() {
  const checkout = join(project, 'checkout');
  const left = [
    ...['package.json.torrent', 'ARCHITECTURE.md.torrent', 'a.iso', 'copy/package.json'],
    ...['docs/a.iso', 'machines/a.iso', 'examples/a.iso.torrent', 'examples/copy/a.iso'],
    ...['examples/docker/data/a.iso', 'bin/a.iso'],
  ];
  for (const path of left) {
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    await writeFile(join(checkout, path), 'x');
  }
  await cp(join(root, 'package.json'), join(checkout, 'package.json'));
  const options = ['--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await run('npm', ['pack', ...options], checkout);
  const [{ files }] = Object.values(JSON.parse(stdout));
  assert.deepEqual(
    files.map(({ path }) => path),
    ['package.json'],
  );
}

async function pack() {
  await run('npm', ['pack', '--pack-destination', project], root);
  const { size } = await stat(await tarball());
  return `${(size / 1024).toFixed(0)} KiB`;
}

async function tarball() {
  const name = (await readdir(project)).find((file) => file.endsWith('.tgz'));
  assert(name, 'npm pack made no tarball');
  return join(project, name);
}

async function install() {
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', await tarball()], project);
  const lock = JSON.parse(await readFile(join(project, 'node_modules/.package-lock.json'), 'utf8'));
  const names = Object.keys(lock.packages).sort();
  assert.deepEqual(names, ['node_modules/bittorrent-helper', 'node_modules/xstate']);
  const scripted = names.filter((name) => lock.packages[name].hasInstallScript);
  assert.deepEqual(scripted, [], 'an install script is needed');
}

/** Two transcripts: that the kit finds what it needs. */
async function playConformance() {
  const kit = join(installed, 'conformance/run.mjs');
  const driver = join(installed, 'conformance/drivers/node.mjs');
  const sides = [
    ['helper', '--only', 'hello', '--', command, '--json'],
    ['client', '--only', 'publish', '--', process.execPath, driver],
  ];
  for (const args of sides) await run(process.execPath, [kit, ...args], project);
}

async function lookInside() {
  const files = await filesOf(installed);
  const expected = [
    ...['README.md', 'LICENSE', 'CHANGELOG.md', 'ARCHITECTURE.md', 'SECURITY.md'],
    'machines/torrent.ts',
    ...['dist/bin/bittorrent-helper.js', 'dist/src/index.js', 'dist/machines/index.js'],
    ...['dist/bin/command.js', 'dist/chunks/undici-connections.cjs'],
    ...['dist/chunks/live-view.cjs', 'dist/chunks/connect.cjs', 'dist/chunks/inspector.cjs'],
    ...['dist/inspector/index.html', 'dist/inspector/page.js', 'dist/inspector/charts.json'],
    ...['dist/src/inspector.js', 'dist/types/inspector.d.ts'],
    ...['dist/workers/engine-worker.cjs', 'docs/embedding.md', 'examples/docker/Dockerfile'],
    'examples/systemd/bittorrent-helper.service',
    ...['dist/src/client.js', 'dist/types/client.d.ts', 'clients/python/bittorrent_helper.py'],
    ...['docs/schema.json', 'docs/openrpc.json', 'conformance/README.md'],
    ...['dist/types/index.d.ts', 'dist/types/machines.d.ts', 'dist/man/bittorrent-helper.1'],
  ];
  assert.deepEqual(
    expected.filter((file) => !files.has(file)),
    [],
    'missing from the tarball',
  );
  // Its pictures are for those who read the repository.
  const links = [
    ...(files.get('README.md') ?? '').matchAll(/(?<!!\[[^\]]*)\]\((?!https?:|#)([^)#\s]+)/g),
  ];
  assert.ok(links.length > 5);
  for (const [, link] of links) await access(join(installed, link));
  assert.match(files.get('dist/THIRD-PARTY-NOTICES.txt') ?? '', /^webtorrent \d.*\(MIT\)$/m);
  const revealing = [...files].filter(
    ([, text]) => text.includes(`${root}/`) || text.includes(`${homedir()}/`),
  );
  assert.deepEqual(
    revealing.map(([file]) => file),
    [],
    'holds a path of this machine',
  );
  return `${files.size} files`;
}

async function lookAtImports() {
  const files = [...(await filesOf(join(installed, 'dist')))].filter(([file]) =>
    /\.c?js$/.test(file),
  );
  // As esbuild writes them; what stands in a comment may have other quotes.
  const asking = /(?:\bfrom |^import |\bimport\(|require\()"([\w@][\w@/:.-]*)"/gm;
  const asked = files.flatMap(([, text]) => [...text.matchAll(asking)].map(([, name]) => name));
  assert(asked.includes('xstate'));
  assert.deepEqual(
    asked.filter((name) => !isBuiltin(name) && !/^(node:|xstate$)/.test(name)),
    [],
  );
}

async function runNpx() {
  const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  const { stdout } = await run('npx', ['bittorrent-helper', '--version'], project);
  assert.equal(stdout, `${version}\n`);
}

async function publishAndDownload() {
  for (const folder of ['published', 'downloaded']) await mkdir(join(project, folder));
  await writeFile(join(project, 'a file'), content);
  const seeder = start(['--torrent-dir', 'published', 'file:a file']);
  assert.equal(await seeder.line(), '1:a file:-1');
  assert.equal(await seeder.line(), '1:a file:100');

  const leecher = start(['--download-dir', 'downloaded', 'torrent:published/a file.torrent']);
  leecher.child.stdin.end();
  const [exitCode] = await leecher.exit;
  assert.equal(exitCode, 0, leecher.diagnostics());
  assert.equal(leecher.lines.at(0), '1:a file:-1');
  assert.equal(leecher.lines.at(-1), '1:a file:100');
  assert(content.equals(await readFile(join(project, 'downloaded/a file'))), 'not the same bytes');

  seeder.child.kill();
  await seeder.exit;
  for (const told of [seeder, leecher]) {
    assert.match(told.diagnostics(), /^(bittorrent-helper: \S.*\n)+$/);
    assert.doesNotMatch(told.diagnostics(), /warning|failed|bug/);
  }
}

async function useLibrary() {
  await cp(join(import.meta.dirname, 'program.mjs'), join(project, 'program.mjs'));
  const { stdout, stderr } = await run(process.execPath, ['program.mjs'], project, direct);
  assert.equal(stderr, '');
  assert.equal(stdout, 'published and downloaded\n');
}

async function requireLibrary() {
  const program = `
    const { createHelper } = require('bittorrent-helper');
    const { existsSync } = require('node:fs');
    const engine = existsSync(require.resolve('bittorrent-helper/engine-worker'));
    const { id } = require('bittorrent-helper/machines/torrent.json');
    createHelper().then((helper) => helper.close()).then(() => console.log(engine, id));`;
  await writeFile(join(project, 'program.cjs'), program);
  const { stdout, stderr } = await run(process.execPath, ['program.cjs'], project, direct);
  assert.deepEqual({ stdout, stderr }, { stdout: 'true torrent\n', stderr: '' });
}

async function useClient() {
  await cp(join(root, 'examples/client.mjs'), join(project, 'client.mjs'));
  const { stdout } = await run(
    process.execPath,
    ['client.mjs', 'a file', 'by client'],
    project,
    direct,
  );
  assert.match(
    stdout,
    /^published: magnet:.*\n(.* s to go\n)+downloaded: .*a file, 3145728 bytes\n$/,
  );
  assert(content.equals(await readFile(join(project, 'by client/a file'))), 'not the same bytes');
}

/** xstate comes from here, too, so that Yarn needs nobody. */
async function useWithYarn() {
  const folder = join(project, 'yarn');
  await mkdir(folder);
  const yarnAt = ['--prefix', join(folder, 'yarn'), '--no-save', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...yarnAt, '@yarnpkg/cli-dist@4.18.1'], folder);
  const yarn = join(folder, 'yarn/node_modules/@yarnpkg/cli-dist/bin/yarn.js');
  await run('npm', ['pack', '--ignore-scripts', join(project, 'node_modules/xstate')], folder);
  const xstate = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  const manifest = {
    private: true,
    type: 'module',
    dependencies: { 'bittorrent-helper': `file:${await tarball()}` },
    resolutions: { xstate: `file:./${xstate}` },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'yarn.lock'), '');
  await writeFile(
    join(folder, '.yarnrc.yml'),
    'enableGlobalCache: false\nenableTelemetry: false\n',
  );
  const alone = { ...direct, HOME: folder, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' };
  await run(process.execPath, [yarn, 'install'], folder, alone);
  await cp(join(import.meta.dirname, 'program.mjs'), join(folder, 'program.mjs'));
  const { stdout } = await run(process.execPath, [yarn, 'node', 'program.mjs'], folder, alone);
  assert.equal(stdout, 'published and downloaded\n');
}

async function compile() {
  await cp(join(import.meta.dirname, 'consumer.ts.txt'), join(project, 'consumer.ts'));
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'NodeNext',
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const config = { compilerOptions, files: ['consumer.ts'] };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const told = await run(process.execPath, [tsc], project).then(
    ({ stdout }) => stdout,
    ({ message }) => message,
  );
  // xstate's own declarations do not pass exactOptionalPropertyTypes.
  const errors = told.match(/^.*error TS.*$/gm) ?? [];
  assert.equal(errors.length === 0, told === '', told);
  assert.deepEqual(
    errors.filter((error) => !error.startsWith('node_modules/xstate/')),
    [],
  );
}

/** The installed command, with its lines as they come. */
function start(args) {
  const child = spawn(command, args, { cwd: project, env: direct, timeout: deadlineMs });
  undo.push(() => child.kill('SIGKILL'));
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  const lines = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  let next = 0;
  return {
    child,
    lines,
    exit: once(child, 'close'),
    diagnostics: () => told,
    async line() {
      while (lines.length <= next) {
        await Promise.race([once(reader, 'line'), once(reader, 'close')]);
        if (reader.closed && lines.length <= next) throw new Error(`ended early: ${told}`);
      }
      next += 1;
      return lines[next - 1];
    },
  };
}

/** Rejects with all that was printed, if it fails. */
async function run(program, args, cwd, env = process.env) {
  try {
    return await promisify(execFile)(program, args, { cwd, env, timeout: deadlineMs });
  } catch ({ message, stdout, stderr }) {
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  }
}

/** Every file below a folder: its path, and its text. */
async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(paths.map((path, index) => [path.slice(folder.length + 1), texts[index]]));
}
