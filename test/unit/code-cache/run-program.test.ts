import { lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtinModule } from '../../../src/code-cache/builtin-module.js';
import { createRunner } from '../../../src/code-cache/run-program.js';
import { until } from '../../support/waiting.js';

let scratch: string;
let folder: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'programs-'));
  folder = join(scratch, 'code');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});

afterEach(async () => {
  vi.useRealTimers();
  await rm(scratch, { recursive: true, force: true });
});

async function program(name: string, source: string): Promise<string> {
  const path = join(scratch, name);
  await writeFile(path, source);
  return path;
}

const savedBytes = async () => {
  const names = await readdir(folder).catch(() => []);
  const [name] = names.filter((each) => !each.endsWith('.new'));
  return name === undefined ? 0 : (await lstat(join(folder, name))).size;
};

describe('a program', () => {
  it('is run as CommonJS is, each file once', async () => {
    await program(
      'part.js',
      'exports.count = (exports.count ?? 0) + 1; exports.url = __moduleUrl;',
    );
    const path = await program(
      'main.js',
      "const { basename } = require('node:path'); const part = require('./part.js'); module.exports = { count: require('./part.js').count, same: part === require('./part.js'), name: basename(__filename), url: part.url, dir: __dirname };",
    );
    const { href } = new URL(`file://${join(scratch, 'part.js')}`);
    const expected = { count: 1, same: true, name: 'main.js', url: href, dir: scratch };
    expect(createRunner(folder)(path)).toEqual(expected);
    expect(createRunner(undefined)(path)).toEqual(expected);
  });

  it('names its file and its lines where it throws', async () => {
    const path = await program('main.js', 'exports.fail = () => {\n\n  throw new Error("x");\n};');
    const { fail } = createRunner(folder)(path) as { fail: () => void };
    try {
      fail();
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect(error instanceof Error && error.stack).toContain(`${path}:3:9`);
    }
  });

  it('does not get what is not of Node’s own', async () => {
    const path = await program('main.js', "require('xstate')");
    expect(() => createRunner(folder)(path)).toThrow(/requires xstate/);
  });

  it('is saved when its start is over, and again when more of it was compiled', async () => {
    const later = `let sum = 0; ${'sum += arguments.length * 3; '.repeat(200)} return sum;`;
    const path = await program('main.js', `exports.later = function () { ${later} };`);
    const { later: run } = createRunner(folder)(path) as { later: () => number };
    expect(await savedBytes()).toBe(0);
    vi.advanceTimersByTime(1_000);
    await until(async () => (await savedBytes()) > 0, 'saved');
    const firstBytes = await savedBytes();
    run();
    vi.advanceTimersByTime(60_000);
    await until(async () => (await savedBytes()) > firstBytes, 'saved again');
  });
});

describe('a program that is not saved at first', () => {
  it('is saved later', async () => {
    folder = join(scratch, 'state/code');
    createRunner(folder)(await program('main.js', 'exports.x = 1;'));
    vi.advanceTimersByTime(1_000);
    // Until that has failed.
    for (let nth = 0; nth < 10; nth += 1) await lstat(scratch);
    await mkdir(join(scratch, 'state'));
    vi.advanceTimersByTime(10_000);
    await until(async () => (await savedBytes()) > 0, 'saved');
  });
});

describe('a late module', () => {
  it.each(['zlib', 'node:tty', 'dns', 'node:dns/promises'])('shows all that %s has', async (id) => {
    const all = await import(id);
    const shown = builtinModule(id) ?? {};
    expect(Object.keys(shown).sort()).toEqual(Object.keys(all.default).sort());
    expect({ ...shown }).toEqual({ ...all.default });
    expect('no such thing' in shown).toBe(false);
  });

  it('is none where Node has none', () => {
    expect(builtinModule('xstate')).toBeUndefined();
  });

  it('is not saved while V8 has other flags than at its start, but afterwards', async () => {
    const savedNames = async () => {
      const names = await readdir(folder).catch(() => []);
      return names.filter((each) => !each.endsWith('.new')).map((each) => each.split('-')[0]);
    };
    const saveEach = () => vi.advanceTimersByTime(600);
    const [main, other] = [await program('main.js', '1;'), await program('other.js', '2;')];
    setFlagsFromString('--max-optimized-bytecode-size=50000');
    createRunner(folder)(main);
    setFlagsFromString('--max-optimized-bytecode-size=40000');
    saveEach();
    setFlagsFromString('--max-optimized-bytecode-size=50000');
    createRunner(folder)(other);
    saveEach();
    await until(async () => (await savedNames()).length > 0, 'saved');
    expect(await savedNames()).toEqual(['other']);
    vi.advanceTimersByTime(60_000);
    await until(async () => (await savedNames()).length > 1, 'saved afterwards');
  });
});
