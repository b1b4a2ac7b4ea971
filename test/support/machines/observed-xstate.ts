// XState as the tests of the coverage have it (scripts/coverage): whoever makes a system of actors, it is observed, and what its
// machines do is written into the folder MACHINE_STEPS. For those who use it nothing else is different.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import {
  type Actor,
  type ActorOptions,
  type AnyActorLogic,
  createActor as createUnobservedActor,
  toObserver,
} from 'xstate';
import { XStateAdapter } from '../../../src/inspection/observe/xstate-adapter.js';
import type { StateTree } from '../../../src/inspection/told/records.js';

export * from 'xstate';

interface Machine {
  readonly id: string;
  value: StateTree | undefined;
}

const machines = new Map<number, Machine>();
/** How often each was made, by its JSON. */
const steps = new Map<string, number>();

const adapter = new XStateAdapter((record) => {
  if (record.type === 'actor' && record.machine !== undefined) {
    machines.set(record.actor, { id: record.machine, value: undefined });
  }
  const machine = machines.get(record.actor);
  if (machine === undefined) return;
  const { taken, value: after, times = 1 } = { times: 1, ...record };
  const event = record.type === 'actor' ? 'xstate.init' : record.event.type;
  const step = JSON.stringify({ machine: machine.id, before: machine.value, event, taken, after });
  steps.set(step, (steps.get(step) ?? 0) + times);
  machine.value = after;
});

export function createActor(
  logic: AnyActorLogic,
  options?: ActorOptions<AnyActorLogic>,
): Actor<AnyActorLogic> {
  // A child is of the system of its parent.
  if (options?.parent !== undefined) return createUnobservedActor(logic, options);
  const own = toObserver(options?.inspect);
  return createUnobservedActor(logic, {
    ...options,
    // From the first on: a machine makes its first steps while it is made.
    inspect: (inspected) => {
      adapter.next(inspected);
      own.next?.(inspected);
    },
  });
}

afterAll(async () => {
  const { MACHINE_STEPS: folder } = process.env;
  if (folder === undefined) return;
  const lines = [...steps].map(([step, times]) => `{"times":${times},"step":${step}}\n`);
  steps.clear();
  await appendFile(join(folder, `${process.pid}.jsonl`), lines.join(''));
});
