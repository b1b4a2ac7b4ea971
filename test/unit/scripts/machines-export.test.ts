// The machines as they are exported: a literal file and JSON, of which XState makes the graph that the machines themselves have.
import { execFile } from 'node:child_process';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, type AnyTransitionDefinition, createMachine, setup } from 'xstate';
import * as machines from '../../../machines/index.js';
import { exportMachines, machineJson } from '../../../scripts/machines-export/export-machines.mjs';
import { literalConfig } from '../../../scripts/machines-export/literal-config.mjs';
import { machineFile } from '../../../scripts/machines-export/machine-file.mjs';
import { importBuilt } from '../../../scripts/schema/load-source.mjs';
import { transitionId } from '../../../src/inspection/charts/transition-id.js';

import { scratchFolder } from '../../support/disks/scratch-folder.js';

const root = join(import.meta.dirname, '../../..');

type Node = AnyStateMachine['root'];

/** XState's own, which start and cancel delays, are functions. */
const namesOf = (references: readonly unknown[]) =>
  references
    .filter((each) => typeof each !== 'function')
    .map((each) =>
      typeof each === 'object' && each !== null && 'type' in each ? each.type : each,
    );

function transitionOf(transition: AnyTransitionDefinition) {
  const { guard, actions, target, reenter } = transition;
  return {
    id: transitionId(transition),
    guard: namesOf([guard]),
    actions: namesOf(actions),
    targets: target?.map(({ id }) => id),
    reenter,
  };
}

/** What a machine is, but for what its functions do. */
function graphOf(node: Node): readonly unknown[] {
  const { id, type, description, entry, exit, invoke, config } = node;
  return [
    {
      ...{ id, type, description, initial: config.initial, history: config.history },
      ...{ entry: namesOf(entry), exit: namesOf(exit) },
      invoke: invoke.map(({ id: invokeId, src }) => [invokeId, src]),
      transitions: [...node.transitions.values(), node.always ?? []].flat().map(transitionOf),
    },
    ...Object.values(node.states).flatMap(graphOf),
  ];
}

describe.each(Object.entries(machines))('%s, exported', (name, machine: AnyStateMachine) => {
  it('is JSON of which XState makes the same states, transitions, guards, actions and actors', () => {
    const config = JSON.parse(JSON.stringify(literalConfig(machine)));
    expect(graphOf(createMachine(config).root)).toEqual(graphOf(machine.root));
  });

  it('is a file that needs nothing but xstate, and is the same machine', async () => {
    const contents = machineFile(machine, '1.2.3');
    expect(contents.match(/ from '.*'/g)).toEqual([" from 'xstate'"]);
    const loaded = await importBuilt({
      stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    });
    expect(graphOf(loaded[name].root)).toEqual(graphOf(machine.root));
    for (const kind of ['actors', 'actions', 'guards', 'delays'] as const) {
      const declared = Object.keys(machine.implementations[kind]);
      expect(Object.keys(loaded[name].implementations[kind])).toEqual(declared);
    }
  });
});

it('writes files that a strict compiler takes, and JSON beside them', async () => {
  const folder = await scratchFolder();
  const ts = (machine: AnyStateMachine) => machineFile(machine, '1.2.3');
  expect(await exportMachines(folder, { ts, json: machineJson })).toBe(6);
  const names = ['engine', 'instruction-parser', 'monitor', 'relocation', 'supervisor', 'torrent'];
  const files = names.flatMap((name) => [`${name}.json`, `${name}.ts`]);
  expect((await readdir(folder)).sort()).toEqual(files);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions: { types: [] } };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, include: ['*.ts'] }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = promisify(execFile)(process.execPath, [tsc, '-p', folder]);
  await expect(compiled).resolves.toMatchObject({ stdout: '' });
});

it('refuses to export a machine that does something without a name for it', () => {
  const nameless = setup({}).createMachine({ id: 'nameless', entry: () => {} });
  expect(() => literalConfig(nameless)).toThrow('nameless.entry is a function without a name');
});
