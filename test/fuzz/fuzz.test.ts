// The short run of the fuzz targets (`npm run fuzz` is the long one), and what the fuzzer itself must be able to do.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { decodeBencode } from '../../src/metainfo/decode-bencode.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { createRandom } from '../support/random.js';
import { type Found, runCampaign } from './campaign.js';
import { readCorpus, saveInput } from './corpus.js';
import { mutateBencode } from './mutate/mutate-bencode.js';
import { mutateBytes } from './mutate/mutate-bytes.js';
import { packScript, unpackScript } from './mutate/script.js';
import { pure, type Target } from './target.js';
import { watchTarget } from './thread/watch-target.js';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('every fuzz target stands all that was ever found, its samples, and 40 new inputs', async () => {
  const { stdout } = await run(
    process.execPath,
    [join(root, 'test/fuzz/run.mjs'), '--executions', '40', '--seed', '1'],
    { cwd: root },
  ).catch((failed: { stdout: string }) => failed);
  const lines = stdout.trim().split('\n');
  expect(lines.filter((line) => !/^seed 1$|, 0 findings$/.test(line))).toEqual([]);
  expect(lines.length).toBeGreaterThan(10);
}, 180_000);

function targetOf(runOne: (bytes: Uint8Array) => void | Promise<void>): Target {
  return {
    name: 'planted',
    about: 'a parser with a bug',
    samples: () => [Buffer.from('d6:lengthi12e4:name5:planke')],
    mutate: mutateBytes(['path']),
    open: pure(runOne),
  };
}

async function findingsOf(
  target: Target,
  { saved = [], stray = [] }: { saved?: readonly Uint8Array[]; stray?: Error[] } = {},
): Promise<readonly Found[]> {
  const findings: Found[] = [];
  await runCampaign(target, {
    seed: 1,
    until: { executions: 400 },
    saved,
    takeStray: () => stray.shift(),
    onExecution: () => {},
    onFinding: (found) => findings.push(found),
  });
  return findings;
}

test('a bug is found, told once, and its input made small', async () => {
  const target = targetOf((bytes) => {
    if (Buffer.from(bytes).includes('path')) throw new Error('planted');
  });
  const [found, ...others] = await findingsOf(target);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ isRepeatable: true, error: { message: 'planted' } });
  expect(Buffer.from(found?.input ?? []).toString()).toBe('path');
});

test('what was saved is tried before anything new', async () => {
  const inputs: string[] = [];
  const target = targetOf((bytes) => {
    inputs.push(Buffer.from(bytes).toString());
  });
  await findingsOf(target, { saved: [Buffer.from('saved')] });
  expect(inputs.slice(0, 2)).toEqual(['saved', 'd6:lengthi12e4:name5:planke']);
  expect(inputs).toHaveLength(402);
});

test('an error that nobody awaited is a finding, too', async () => {
  const stray: Error[] = [];
  const target = targetOf((bytes) => {
    if (bytes.length === 0) stray.push(new Error('thrown elsewhere'));
  });
  const [found] = await findingsOf(target, { saved: [new Uint8Array()], stray });
  expect(found?.error.message).toBe('thrown elsewhere');
});

test('a thread that hangs is ended, and told of with the input that did it', async () => {
  const hanging = `
    import { workerData } from 'node:worker_threads';
    const header = new Int32Array(workerData.memory, 0, 2);
    new Uint8Array(workerData.memory, 8).set([7, 8, 9]);
    header.set([1, 3]);
    for (;;);`;
  const script = new URL(`data:text/javascript,${encodeURIComponent(hanging)}`);
  const task = { target: 'planted', seed: 1, until: { executions: 1 }, saved: [] };
  const { findings } = await watchTarget(script, task, 100);
  expect(findings).toMatchObject([{ showed: 'hung for 0.1 s' }]);
  expect([...(findings[0]?.input ?? [])]).toEqual([7, 8, 9]);
});

test('a saved input is read back with the others of its target', async () => {
  const folder = await scratchFolder();
  await saveInput(folder, 'planted', Buffer.from([1, 2]), 'it threw');
  await saveInput(folder, 'other', Buffer.from([3]), 'it hung');
  const saved = await readCorpus(folder, 'planted');
  expect(saved.map((bytes) => [...bytes])).toEqual([[1, 2]]);
});

test('one seed makes the same inputs every time, and another seed others', () => {
  const mutate = mutateBencode(['info', 'name']);
  const sample = Buffer.from('d4:infod6:lengthi12e4:name5:plankee');
  const inputs = (seed: string) =>
    Array.from({ length: 50 }, (_, index) => {
      const random = createRandom(`${seed} ${index}`);
      return Buffer.from(mutate(sample, random, [sample])).toString('hex');
    });
  expect(inputs('1')).toEqual(inputs('1'));
  expect(inputs('1')).not.toEqual(inputs('2'));
  expect(new Set(inputs('1')).size).toBeGreaterThan(40);
});

test('bencode changed as a tree is mostly bencode still', () => {
  const mutate = mutateBencode(['info', 'name']);
  const sample = Buffer.from('d4:infod6:lengthi12e4:name5:plankee');
  const isBencode = (bytes: Uint8Array) => {
    try {
      decodeBencode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const inputs = Array.from({ length: 300 }, (_, index) =>
    mutate(sample, createRandom(String(index)), [sample]),
  );
  expect(inputs.filter(isBencode).length).toBeGreaterThan(100);
});

test('any bytes are a script, and a script is read back from its bytes', () => {
  const script = {
    mode: 3,
    parts: [
      { flags: 1, bytes: new Uint8Array([1, 2, 3]) },
      { flags: 0, bytes: new Uint8Array() },
    ],
  };
  expect(unpackScript(Uint8Array.from(packScript(script)))).toEqual(script);
  for (let index = 0; index < 100; index++) {
    const bytes = createRandom(String(index)).bytes(index);
    expect(() => unpackScript(bytes)).not.toThrow();
  }
});
