import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill, match } from '../../../conformance/runner/match.mjs';
import { playHelper } from '../../../conformance/runner/play-helper.mjs';
import { createRules } from '../../../conformance/runner/rules.mjs';
import { readTranscripts } from '../../../conformance/runner/transcript.mjs';
import { createCheck, readSchema } from '../../../conformance/runner/valid.mjs';
import { nearSchema } from '../../support/dialect/near-schema.js';

const root = join(import.meta.dirname, '../../..');
const schemaFile = pathToFileURL(join(root, 'docs/schema.json'));
const document = JSON.parse(readFileSync(schemaFile, 'utf8'));
const schema = readSchema(schemaFile);

describe('what the kit takes for right', () => {
  it('is what ajv does, of every line that there may be', () => {
    const check = createCheck(document);
    const names = ['ToHelper', 'FromHelper'];
    const resolved = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(resolved);
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value);
      const ref = '$ref' in value && typeof value.$ref === 'string' ? value.$ref : undefined;
      if (ref) return resolved(document.$defs[ref.replace('#/$defs/', '')]);
      return Object.fromEntries(entries.map(([key, each]) => [key, resolved(each)]));
    };
    for (const name of names) {
      const validate = new Ajv2020({ strict: true, strictTypes: false }).compile({
        $defs: document.$defs,
        $ref: `#/$defs/${name}`,
      });
      const { anyOf } = document.$defs[name];
      const counts = { taken: 0, refused: 0 };
      const each = anyOf.map((shape: unknown) => nearSchema(Object(resolved(shape))));
      fc.assert(
        fc.property(fc.oneof(...each), (value) => {
          const isRight = check({ $ref: `#/$defs/${name}` }, value, '') === undefined;
          expect(isRight).toBe(validate(value));
          counts[isRight ? 'taken' : 'refused'] += 1;
        }),
        { numRuns: 500 },
      );
      expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(20);
    }
  });

  it('is counted without a gap, begins with helper.ready, and answers each request once', () => {
    const ready = {
      ...{ protocol: '1.0', version: '1', pid: 2, capabilities: [], peerPort: null, announce: [] },
      ...{ nextId: 1, session: null },
      limits: {
        ...{ maxLineBytes: 1, maxWaitingRequests: 1, maxJobsPerPage: 1, minEveryMs: 1 },
        maxKeyLength: 1,
      },
    };
    const line = (message: object) => JSON.stringify({ jsonrpc: '2.0', ...message });
    const begin = () => {
      const rules = createRules(schema);
      rules.read(line({ method: 'helper.ready', params: ready }));
      return rules;
    };
    const stopping = (seq: number) =>
      line({ method: 'helper.stopping', params: { seq, timeMs: 1 } });
    expect(() => createRules(schema).read(stopping(1))).toThrow('comes before helper.ready');
    expect(() => begin().read(stopping(2))).toThrow('seq is 2 after 0');
    expect(() => begin().read(line({ id: 1, result: {} }))).toThrow('which nothing asks');
    const rules = begin();
    rules.asks(line({ id: 1, method: 'job.pause', params: { id: 1 } }));
    rules.asks(line({ id: 2, method: 'job.publish', params: { path: 'a' } }));
    rules.read(line({ id: 1, result: {} }));
    expect(() => rules.read(line({ id: 1, result: {} }))).toThrow('which nothing asks');
    expect(() => rules.read(line({ id: 2, result: { id: 0 } }))).toThrow('result of job.publish');
    expect(begin().unanswered).toEqual([]);
  });
});

describe('a pattern', () => {
  const none = new Map<string, unknown>();
  const isLike = (pattern: unknown, value: unknown, captured = none) =>
    match(pattern, value, captured) !== undefined;

  it('is like what has at least what it names', () => {
    expect(isLike({ a: 1 }, { a: 1, b: 2 })).toBe(true);
    expect(isLike({ a: 1 }, { b: 2 })).toBe(false);
    expect(isLike([1], [1, 2])).toBe(false);
    expect(isLike({ $without: ['b'] }, { a: 1 })).toBe(true);
    expect(isLike({ a: null }, {})).toBe(false);
  });

  it('knows types, texts, numbers and lists', () => {
    expect(isLike({ $type: 'integer' }, 1)).toBe(true);
    expect(isLike({ $type: 'integer' }, '1')).toBe(false);
    expect(isLike({ $matches: '^a' }, 'ab')).toBe(true);
    expect(isLike({ $matches: '^a' }, 1)).toBe(false);
    expect(isLike({ $least: 1, $most: 2 }, 3)).toBe(false);
    expect(isLike({ $oneOf: [1, null] }, null)).toBe(true);
    expect(isLike({ $items: { a: 1 } }, [{ a: 1 }, { a: 2 }])).toBe(false);
  });

  it('captures, and knows again what it captured', () => {
    const captured = match({ a: { $capture: 'a', $type: 'integer' } }, { a: 7 }, none) ?? none;
    expect([...captured]).toEqual([['a', 7]]);
    expect(isLike({ b: { $: 'a' } }, { b: 7 }, captured)).toBe(true);
    expect(isLike({ b: { $: 'a' } }, { b: 8 }, captured)).toBe(false);
    expect(fill({ text: 'is \u0024{a}', is: { $: 'a' } }, captured)).toEqual({
      text: 'is 7',
      is: 7,
    });
  });
});

describe('the transcripts', () => {
  it.each(['helper', 'client'])('each have a title, and steps: %s', (folder) => {
    const transcripts = readTranscripts(pathToFileURL(join(root, 'conformance', folder, '/')));
    expect(transcripts.length).toBeGreaterThan(5);
    for (const { head, steps } of transcripts) {
      expect(head.title).toMatch(/^[a-z]/);
      expect(steps.length).toBeGreaterThan(3);
    }
  });
});

describe('the kit', () => {
  const play = (program: string, steps: readonly object[]) =>
    playHelper(
      {
        name: 'planted',
        head: {},
        steps: steps.map((step, index) => ({ number: index + 1, step })),
      },
      [execPath, '-e', program],
      schema,
    );
  const say = (message: object) =>
    `process.stdout.write(${JSON.stringify(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)});`;

  it('fails a helper that says something else, ends too soon, or exits otherwise', async () => {
    const begin = { start: 'helper' };
    const isReady = { expect: { method: 'helper.ready' } };
    await expect(play('', [begin, isReady])).rejects.toThrow('line 2: nothing follows');
    await expect(play("console.log('hello')", [begin, isReady])).rejects.toThrow('line 2');
    await expect(play('process.exit(3)', [begin, { exit: 0 }])).rejects.toThrow(
      'exit 3, expected 0',
    );
    await expect(play(say({ id: 1, result: {} }), [begin, isReady])).rejects.toThrow(
      'which nothing asks',
    );
    await expect(play("process.stdout.write('{')", [begin, { exit: 0 }])).rejects.toThrow(
      'the last line has no end',
    );
    await expect(
      play('setTimeout(() => {}, 300)', [begin, { send: { id: 1, method: 'a' } }, { exit: 0 }]),
    ).rejects.toThrow('never answered: [1]');
  });

  it('ends with 1 when a transcript fails, and with 2 when it is called wrongly', () => {
    const run = (...args: readonly string[]) =>
      spawnSync(execPath, [join(root, 'conformance/run.mjs'), ...args], { encoding: 'utf8' });
    const failed = run('helper', '--only', 'hello', '--', execPath, '-e', '0');
    expect(failed.stdout).toMatch(/^FAILED hello: /);
    expect(failed.status).toBe(1);
    expect(run('helper', '--only', 'no such one', '--', execPath).status).toBe(1);
    expect(run('helper').status).toBe(2);
    expect(run('neither', '--', execPath).stderr).toMatch(/^usage: /);
  });
});
