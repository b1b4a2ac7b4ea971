// Compiled code is saved for the next start, and whatever became of it meanwhile, the helper starts all the same.
import {
  chmod,
  chown,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { codeFile } from '../../src/code-cache/code-file.js';
import { createHelper } from '../../src/helper/create-helper.js';
import { isRoot } from '../support/disks/ordinary-user.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { dist, type HelperProcess, start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { until } from '../support/waiting.js';

const preload = join(import.meta.dirname, 'watch-code.cjs');
const programs = ['command', 'engine-worker'];

let scratch: string;
/** Where the helper saves its code. */
let folder: string;

beforeEach(async () => {
  scratch = await scratchFolder();
  folder = join(scratch, 'state/bittorrent-helper/code');
});

const codeFiles = async () =>
  (await readdir(folder).catch(() => []))
    .filter(
      (name) =>
        programs.some((program) => name.startsWith(`${program}-v`)) && !name.endsWith('.new'),
    )
    .sort();

async function codeFileOf(program: string): Promise<string> {
  const names = await codeFiles();
  const name = names.find((each) => each.startsWith(`${program}-v`));
  if (name === undefined) throw new Error(`nothing saved of ${program}: ${names}`);
  return join(folder, name);
}

interface Started extends HelperProcess {
  /** How its programs were compiled. */
  compiled(): Promise<readonly string[]>;
}

let starts = 0;

/** Starts a helper, and sees to it that it works, and says no more than any helper does. */
async function startWell(...args: readonly string[]): Promise<Started> {
  starts += 1;
  const watch = join(scratch, `watch-${starts}`);
  const helper = start(
    ['--tracker-port', `${await freePort()}`, '--torrent-dir', scratch, ...args],
    {
      cwd: scratch,
      env: {
        XDG_STATE_HOME: join(scratch, 'state'),
        NODE_OPTIONS: `--require=${preload}`,
        CODE_WATCH: watch,
      },
    },
  );
  helper.write('file:nothing', `file:${basename(import.meta.filename)}`);
  await copyFile(import.meta.filename, join(scratch, basename(import.meta.filename)));
  await helper.line('1:nothing:-2');
  await helper.diagnostic(/: ready: /);
  expect(helper.stderr.filter((line) => !/: ready: |: job [12] /.test(line))).toEqual([]);
  return {
    ...helper,
    compiled: async () =>
      (await readFile(watch, 'utf8'))
        .split('\n')
        .filter((line) => /^(command\.js|engine-worker\.cjs) /.test(line)),
  };
}

async function end(helper: HelperProcess): Promise<void> {
  helper.kill('SIGTERM');
  await helper.exit();
}

/** Until the code of both threads is there, made after `since`. */
const saved = (since = 0) =>
  until(async () => {
    const files = await Promise.all(
      (await codeFiles()).map((name) => lstat(join(folder, name)).catch(() => undefined)),
    );
    return files.filter((stats) => stats?.isFile() && stats.mtimeMs > since).length >= 2;
  }, 'saved');

/** Lets one helper save its code. */
async function saveCode(since = 0): Promise<void> {
  const helper = await startWell();
  await saved(since);
  await end(helper);
}

/** What a file was last written at in these tests, so that a newer one tells itself apart. */
const longAgo = new Date('2001-01-01');

describe('compiled code', () => {
  it('is saved by one helper, for its user alone, and taken by the next', async () => {
    const first = await startWell();
    expect(await first.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
    await saved();
    await end(first);
    expect((await lstat(folder)).mode & 0o777).toBe(0o700);
    for (const name of await codeFiles()) {
      expect((await lstat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    const second = await startWell();
    expect(await second.compiled()).toEqual(['command.js taken', 'engine-worker.cjs taken']);
  });

  it('lies in the state directory that is asked for', async () => {
    folder = join(scratch, 'elsewhere/code');
    const args = ['--state-dir', 'elsewhere'];
    await startWell(...args);
    await saved();
    const second = await startWell(`--state-dir=${join(scratch, 'elsewhere')}`);
    expect(await second.compiled()).toEqual(['command.js taken', 'engine-worker.cjs taken']);
    expect(await readdir(join(scratch, 'state')).catch(() => [])).toEqual([]);
  });

  it('is saved of the engine for a program that uses the library', async () => {
    folder = join(scratch, 'library/code');
    const stateDir = join(scratch, 'library');
    const helper = await createHelper({ stateDir, torrentDir: scratch, downloadDir: scratch });
    await until(
      async () => (await codeFiles()).some((name) => name.startsWith('engine-worker-')),
      'saved',
    );
    await helper.close();
  });

  const flip = async (path: string, at: number) => {
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
    await writeFile(path, bytes);
  };
  const rejectedByV8 = async (path: string, program: string) => {
    const key = basename(path).replace(/-[0-9a-f]{16}$/, '');
    const source = await readFile(
      join(dist, program === 'command' ? 'bin/command.js' : 'workers/engine-worker.cjs'),
    );
    await codeFile(folder, key, source).write(Buffer.alloc(100_000, 'x'));
  };

  it.each<[string, (path: string, program: string) => Promise<unknown>, string]>([
    ['has one bit flipped in its hash', (path) => flip(path, 5), 'plain'],
    ['has one bit flipped at its beginning', (path) => flip(path, 40), 'plain'],
    ['has one bit flipped far inside', (path) => flip(path, 200_000), 'plain'],
    ['is cut short', (path) => truncate(path, 100_000), 'plain'],
    ['is empty', (path) => truncate(path, 0), 'plain'],
    ['is something else', (path) => writeFile(path, 'x'.repeat(100_000)), 'plain'],
    ['is whole, and V8 does not take it', rejectedByV8, 'rejected'],
  ])('that %s is not used, and made anew', async (_, harm, how) => {
    await saveCode();
    for (const program of programs) {
      const path = await codeFileOf(program);
      await harm(path, program);
      await utimes(path, longAgo, longAgo);
    }
    const second = await startWell();
    expect(await second.compiled()).toEqual([`command.js ${how}`, `engine-worker.cjs ${how}`]);
    await saved(longAgo.getTime() + 1);
    await end(second);
    const third = await startWell();
    expect(await third.compiled()).toEqual(['command.js taken', 'engine-worker.cjs taken']);
  });

  it('of another version is not looked at, and under our name not used', async () => {
    await saveCode();
    const [command, engine] = [await codeFileOf('command'), await codeFileOf('engine-worker')];
    await rename(engine, engine.replace('-v', '-v0.'));
    await rename(command, engine);
    const second = await startWell();
    expect(await second.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
  });

  const asLink = async (path: string) => {
    await rename(path, join(scratch, basename(path)));
    await symlink(join(scratch, basename(path)), path);
  };

  it('that is a link is not used', async () => {
    await saveCode();
    for (const program of programs) await asLink(await codeFileOf(program));
    const second = await startWell();
    expect(await second.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
  });

  it.runIf(isRoot)('that is somebody else’s is not used', async () => {
    await saveCode();
    for (const program of programs) await chown(await codeFileOf(program), 1, 1);
    const second = await startWell();
    expect(await second.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['that others may look into', () => chmod(folder, 0o755)],
    ['that others may write to', () => chmod(folder, 0o770)],
    ['that is a link', () => asLink(folder)],
    ...(isRoot
      ? ([['that is somebody else’s', () => chown(folder, 1, 1)]] as [
          string,
          () => Promise<unknown>,
        ][])
      : []),
  ])('in a folder %s is not used', async (_, change) => {
    await saveCode();
    await change();
    const second = await startWell();
    expect(await second.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
  });

  it('that cannot be saved is no reason to say a word', async () => {
    await mkdir(join(folder, '..'), { recursive: true });
    await writeFile(folder, 'a file');
    const first = await startWell();
    expect(await first.compiled()).toEqual(['command.js plain', 'engine-worker.cjs plain']);
    await first.line(/^2:.*:100$/);
    await end(first);
    expect(first.stderr.filter((line) => !/: ready: |: job [12] /.test(line))).toEqual([]);
  });

  it('of old versions goes in time, and nothing of somebody else’s', async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let nth = 0; nth < 20; nth += 1) {
      const name = `command-v1.${nth}.0-x64-12ab34cd-${'0'.repeat(16)}`;
      for (const path of [name, `main-${nth}.ts`].map((each) => join(folder, each))) {
        await writeFile(path, 'old');
        await utimes(path, longAgo, longAgo);
      }
    }
    await saveCode(longAgo.getTime() + 1);
    const names = await readdir(folder);
    const others = names.filter((name) => name.endsWith('.ts'));
    expect(others).toHaveLength(20);
    expect(names.length - others.length).toBeLessThanOrEqual(20);
    expect((await codeFiles()).filter((name) => !name.includes('-v1.'))).toHaveLength(2);
  });
});
