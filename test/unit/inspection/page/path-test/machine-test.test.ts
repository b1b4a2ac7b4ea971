// Of a real job's life, as it was seen, a test of its machine is made; it holds, and no longer when the machine is another.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { describe, expect, it } from 'vitest';
import { createActor, fromCallback, SimulatedClock } from 'xstate';
import * as machines from '../../../../../machines/index.js';
import type { JobReport } from '../../../../../machines/types.js';
import { HelperError } from '../../../../../src/errors.js';
import {
  createInspection,
  type Inspection,
} from '../../../../../src/inspection/observe/inspection.js';
import {
  machineTest,
  testedMachines,
} from '../../../../../src/inspection/page/path-test/machine-test.js';
import type { PageStore } from '../../../../../src/inspection/page/store/page-store.js';
import type { InspectionRecord } from '../../../../../src/inspection/told/records.js';
import { scratchFolder } from '../../../../support/disks/scratch-folder.js';
import { file, helper } from '../../../../support/helper/library-setup.js';
import { made, stepsOf, storeOf, told } from '../../../../support/inspection/steps.js';
import { inert } from '../../../../support/machines/machine-walk.js';

const root = join(import.meta.dirname, '../../../../..');

function seenBy(inspection: Inspection): PageStore {
  const lines = inspection.read(inspection.firstSeq, Number.MAX_SAFE_INTEGER) ?? [];
  return storeOf(lines.map((line) => JSON.parse(line)));
}

/** The tests of all actors with such an id. */
function testsOf(store: PageStore, id: string): readonly string[] {
  const actors = [...store.actors.values()].filter((each) => each.id === id);
  return actors.map(({ actor }) => {
    const test = machineTest(store.steps, actor);
    return 'text' in test ? test.text : test.refusal;
  });
}

/** By the name of its file, whether each passed; they run by a vitest of their own. */
async function outcomesOf(tests: Readonly<Record<string, string>>) {
  const folder = await scratchFolder();
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const alias = { 'bittorrent-helper/machines': join(root, 'machines/index.ts') };
  const config = { resolve: { alias }, test: { maxWorkers: 1, isolate: false } };
  await writeFile(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};`);
  for (const [name, text] of Object.entries(tests)) {
    await writeFile(join(folder, `${name}.test.ts`), text);
  }
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const report = join(folder, 'report.json');
  const args = [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile=${report}`];
  const { CI: _, ...env } = process.env;
  await once(execFile(execPath, args, { cwd: folder, env }), 'exit');
  const { testResults } = JSON.parse(await readFile(report, 'utf8'));
  const results: readonly { readonly name: string; readonly status: string }[] = testResults;
  return Object.fromEntries(
    results.map(({ name, status }) => [name.replace(/^.*\/|\.test\.ts$/g, ''), status]),
  );
}

/** A seed; a job that fails; and a download that began paused, was let go on, and then moved. */
async function seenLife(): Promise<PageStore> {
  const inspection = createInspection();
  const seeder = await helper({ inspect: inspection.observer });
  const { path } = await file();
  const seed = seeder.seed(path);
  const { torrentFile } = await seed.published;
  const leecher = await helper({ inspect: inspection.observer });
  const failing = leecher.download(join(path, 'nothing.torrent'));
  await expect(failing.done).rejects.toThrow();
  const download = leecher.download(torrentFile, { paused: true });
  download.resume();
  await download.done;
  const elsewhere = join(await scratchFolder(), 'elsewhere');
  await mkdir(elsewhere);
  await download.move(elsewhere);
  await leecher.close();
  await seeder.close();
  return seenBy(inspection);
}

/** A download whose disk is full, twice, until its user pauses it. */
async function seenFullDisk(): Promise<PageStore> {
  const inspection = createInspection();
  const clock = new SimulatedClock();
  const actor = createActor(inert(machines.torrentMachine), {
    inspect: inspection.observer,
    clock,
    input: {
      id: 7,
      instruction: { kind: 'download', given: 'a.torrent' },
      monitor: createActor(fromCallback<JobReport>(() => {})),
      needsTracker: false,
      giveUpMs: undefined,
      moveCompleted: undefined,
    },
  });
  const refuse = () => {
    const actorId = '0.torrent.active.fetching';
    const error = new HelperError('DISK_FULL', 'the disk is full');
    actor.send({ type: `xstate.error.actor.${actorId}`, actorId, error });
  };
  actor.start();
  refuse();
  clock.increment(1_000);
  refuse();
  actor.send({ type: 'job.pause' });
  // The turn is told when it is over.
  await Promise.resolve();
  return seenBy(inspection);
}

const monitor = made(1, 'monitor', { machine: 'monitor', value: 'listening' });
const shown = told(1, 'job.stateChanged', {
  taken: ['monitor.listening|job.stateChanged|0'],
  value: 'listening',
});

function testOf(...records: readonly InspectionRecord[]) {
  return machineTest(stepsOf(...records), 1);
}

describe('a test made of what was seen', () => {
  it('is of the machines that the package has', () => {
    const named = testedMachines.map((machine) => `${machine}Machine`);
    expect(named).toEqual(Object.keys(machines).sort());
  });

  it('holds for every machine of a helper’s life, and fails when a state is not come to', async () => {
    const store = await seenLife();
    const full = await seenFullDisk();
    const ids = [
      'job-1',
      'job-2',
      'relocation',
      'supervisor',
      'engine',
      'monitor',
      'instruction-parser',
    ];
    const [refused = ''] = testsOf(full, [...full.actors.values()][0]?.id ?? '');
    expect(refused).toMatch(/'xstate\.after\..*waitingForDisk.*byUser/s);
    const tests = {
      refused,
      ...Object.fromEntries(
        ids.flatMap((id) => testsOf(store, id).map((text, index) => [`${id}-${index}`, text])),
      ),
    };
    const [download = ''] = testsOf(store, 'job-2');
    expect(download).toContain("'xstate.done.actor.relocation'");
    const others = {
      unlike: download.replace(/'downloading'(?=[^\n]*\n[^\n]*'seeding')/, "'checking'"),
      shorter: download.replace(/^ {4}\[[^\n]*'swarm.joined'.*\n/m, ''),
    };
    for (const other of Object.values(others)) expect(other).not.toBe(download);
    const outcomes = await outcomesOf({ ...tests, ...others });
    const passed = Object.keys(tests).map((name) => [name, 'passed']);
    expect(outcomes).toEqual({
      ...Object.fromEntries(passed),
      ...Object.fromEntries(Object.keys(others).map((name) => [name, 'failed'])),
    });
  });

  it('tells an actor as often what came often, and leaves out what it let pass', () => {
    const passed = told(1, 'unheard', { value: 'listening' });
    const test = testOf(monitor, { ...shown, times: 3 }, passed);
    const text = 'text' in test ? test.text : '';
    expect(text).toContain("    [{ type: 'job.stateChanged' }, 'listening', 3],\n  ];");
    expect(text).not.toContain('unheard');
  });

  it('keeps what a stranger wrote within quotes', () => {
    const hostile = "'); process.exit(1); //\n*/";
    const test = testOf(monitor, { ...shown, event: { type: hostile }, value: hostile });
    const text = 'text' in test ? test.text : '';
    expect(text.split("\\'); process.exit(1)")).toHaveLength(4);
    expect(text.split('process.exit(1)')).toHaveLength(4);
  });

  it('is refused where it would not hold', () => {
    expect(testOf()).toEqual({ refusal: expect.stringContaining('Nothing is known') });
    expect(testOf(shown)).toEqual({ refusal: expect.stringContaining('no longer known') });
    const plain = made(1, 'swarm');
    expect(testOf(plain)).toEqual({ refusal: expect.stringContaining('has no chart') });
    const foreign = { ...monitor, machine: 'mine' };
    expect(testOf(foreign)).toEqual({ refusal: expect.stringContaining('none of bittorrent') });
    const long = Array.from({ length: 2_001 }, () => shown);
    expect(testOf(monitor, ...long)).toEqual({ refusal: expect.stringContaining('2001 events') });
  });
});
