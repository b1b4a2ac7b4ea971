// What a client of the JSON dialect writes: bytes to lines to requests, and what is answered (src/dialect), over a helper that
// only pretends. Each line out must be what the schema says, each request be answered once, and nothing wait without bound.
import { Writable } from 'node:stream';
import { createRules } from '../../../conformance/runner/rules.mjs';
import { readSchema } from '../../../conformance/runner/valid.mjs';
import { openDialect } from '../../../src/dialect/dialect.js';
import { dialectLimits } from '../../../src/limits.js';
import { readLines } from '../../../src/stdio/read-lines.js';
import { pretendHelper } from '../../support/dialect/pretend-helper.js';
import { createRandom } from '../../support/random.js';
import { mutateBytes } from '../mutate/mutate-bytes.js';
import { check, pure, type Target } from '../target.js';

const call = (id: unknown, method: string, params?: object) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;

const samples = [
  call(1, 'helper.describe') + call('a', 'helper.stats', {}) + call(2, 'job.list', { limit: 3 }),
  call(1, 'job.publish', { path: '/a', key: 'k' }) + call(2, 'job.get', { id: 1 }),
  call(1, 'job.fetch', { source: 'a.torrent', paused: true, dir: '/d' }) +
    call(2, 'job.wait', { id: 1, until: 'done' }) +
    call(undefined, '$/cancel', { id: 2 }),
  call(1, 'job.fetch', { metainfo: 'ZDg6YW5ub3VuY2Uw', key: 'a' }) +
    call(3, 'job.wait', { id: 1, until: 'ended', timeoutMs: 0 }) +
    call(4, 'job.announce', { id: 1 }) +
    call(5, 'job.remove', { id: 1, data: true }),
  `file:/a\n${call(1, 'job.pause', { id: 1 })}${call(1, 'job.resume', { id: 1 })}remove:1\n`,
  call(1, 'events.listen', { topics: ['job.*', 'tracker.changed'], ids: [1, 2], everyMs: 100 }) +
    call(2, 'events.stop', { subscription: 1 }) +
    call(3, 'job.move', { id: 1, dir: '/m' }) +
    call(4, 'job.verify', { id: 1 }),
  `${call(1, 'job.list', { states: ['seeding', 'paused'], after: 1 })}[]\n{}\n{"id":1}\n{"a":[[[[`,
  call(1, 'helper.quit', { deadlineMs: 10 }) + call(2, 'job.publish', { path: '/b' }),
];

const tokens = [
  ...['"jsonrpc":"2.0"', '"id":', '"method":', '"params":', '"result":', '"error":', '$/cancel'],
  ...['{', '}', '[', ']', ',', ':', '"', '\\u0000', '\\ud800', 'null', 'true', '1e999', '-0', '\n'],
  ...['__proto__', 'constructor', 'toString', '\xff', '\xc3', '\r\n', '\0', 'file:', 'remove:1\n'],
  ...['job.publish', 'job.wait', 'job.list', 'job.remove', 'events.listen', 'helper.quit'],
];

const schema = readSchema('docs/schema.json');

export const dialectLines: Target = {
  name: 'dialect-lines',
  about: 'requests of the JSON dialect, from a parent or a watcher that may not read',
  samples: () =>
    samples.map((text, mode) => Buffer.from(String.fromCharCode(mode) + text, 'latin1')),
  mutate: mutateBytes(tokens),
  open: pure(async (input) => {
    // The first byte says who it is, and how the rest comes in chunks.
    const [mode = 0] = input;
    const isWatcher = mode % 4 === 3;
    const isStalled = mode % 8 > 5;
    const written: Buffer[] = [];
    const output = new Writable({
      write(chunk, _, callback) {
        written.push(chunk);
        if (!isStalled) callback();
      },
    });
    const helper = pretendHelper();
    const dialect = openDialect({
      helper,
      open: Promise.resolve(),
      identity: { version: '0', pid: 1, session: undefined },
      quit: () => void helper.close(),
    });
    const connection = dialect.connect({ output, mayControl: !isWatcher, isWatcher });
    const rules = createRules(schema);
    for await (const line of readLines(
      chunksOf(input.subarray(1), mode),
      dialectLimits.lineBytes,
    )) {
      if (line.kind === 'unsupported') break;
      if (line.kind === 'text') rules.asks(line.text);
      const room = connection.take(line);
      if (room === undefined) continue;
      if (isStalled) break;
      await room;
    }
    await helper.close();
    if (isStalled) output.destroy();
    await dialect.finished;
    const lines = Buffer.concat(written).toString().split('\n');
    check(lines.pop() === '', () => 'the last line has no end');
    for (const line of lines) rules.read(line);
    if (isStalled) return;
    const { unanswered } = rules;
    check(unanswered.length === 0, () => `not answered: ${JSON.stringify(unanswered)}`);
  }),
};

async function* chunksOf(bytes: Uint8Array, mode: number): AsyncGenerator<Uint8Array> {
  const random = createRandom(String(mode));
  const longest = random.pick([1, 7, 100, 4096, 65_536]);
  for (let offset = 0; offset < bytes.length; ) {
    const chunk = bytes.subarray(offset, offset + 1 + random.below(longest));
    yield chunk;
    offset += chunk.length;
  }
}
