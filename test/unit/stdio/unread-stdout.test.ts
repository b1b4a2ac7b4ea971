// What the writer relies on: where stdout is a pipe or a socket that nobody reads, a process still reads its stdin, and
// is still able to exit. Node's documentation calls these writes synchronous; they never wait, though.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

// 20,000 lines of 100 characters are far more than a pipe or a socket holds.
const program = `
  import { createChangeQueue } from './src/helper/events/change-queue.js';
  import { writeProgress } from './src/stdio/write-progress.js';
  import { readLines } from './src/stdio/read-lines.js';
  const say = (text) => process.stderr.write(text + '\\n');
  const changes = createChangeQueue({ onDone: () => {} });
  const written = writeProgress(changes.batches(), process.stdout).catch(({ code }) => say('broken ' + code));
  for (let id = 1; id <= 20_000; id += 1) {
    changes.push({ type: 'progress', id, file: 'x'.repeat(100), percent: -1, state: 'checking', repeated: false });
  }
  process.on('exit', (code) => say('exit ' + code));
  for await (const { text } of readLines(process.stdin)) {
    say('read ' + text);
    if (text === 'exit') break;
    if (text === 'finish') {
      changes.close();
      await written;
      break;
    }
  }
  process.exit();
`;

let dir: string;
let file: string;
let child: ChildProcessWithoutNullStreams;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'unread-stdout-'));
  file = join(dir, 'program.mjs');
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir: join(import.meta.dirname, '../../..') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  await writeFile(file, outputFiles[0]?.contents ?? '');
});
afterEach(() => {
  child.stdin.destroy();
  child.stdout.destroy();
});
afterAll(() => rm(dir, { recursive: true }));

// Node gives its children a socket for stdout, a shell gives them a pipe. As long as nobody reads from `cat`, `cat`
// soon reads nothing either.
describe.each([
  ['a socket', 'exec "$0" "$1"'],
  ['a pipe', '"$0" "$1" | cat 2> /dev/null'],
])('a process whose stdout is %s that nobody reads', (_, command) => {
  function start() {
    child = spawn('sh', ['-c', command, process.execPath, file], { stdio: 'pipe' });
    const said = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
    return async () => (await said.next()).value;
  }

  it('reads its stdin and can exit', async () => {
    const hear = start();
    child.stdin.write('hello\n');
    expect(await hear()).toBe('read hello');
    child.stdin.write('exit\n');
    expect(await hear()).toBe('read exit');
    expect(await hear()).toBe('exit 0');
  });

  it('writes every line once somebody reads', async () => {
    const hear = start();
    child.stdin.write('finish\n');
    expect(await hear()).toBe('read finish');
    const lines = (await text(child.stdout)).split('\n');
    expect(lines).toHaveLength(20_001);
    expect(lines.at(-2)).toBe(`20000:${'x'.repeat(100)}:-1`);
    expect(await hear()).toBe('exit 0');
  });

  it('hears that its reader went away', async () => {
    const hear = start();
    child.stdin.write('hello\n');
    expect(await hear()).toBe('read hello');
    child.stdout.destroy();
    expect(await hear()).toMatch(/^broken (EPIPE|ECONNRESET)$/);
  });
});
