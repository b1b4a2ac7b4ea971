// The way that an actor took, as a test of its machine: it is told again what it was told, and must come to the states that it came
// to. What its machine starts does nothing there; how that ended is among what it was told.
import type { InspectionRecord, PlainEvent, PlainFields, StateTree } from '../../told/records.js';
import type { Step } from '../store/page-store.js';
import { statePaths } from '../store/state-paths.js';
import { SourceName, type SourceValue, sourceText } from './source-text.js';

/** The text of a test file; or why there can be none, as a sentence. */
export type MachineTest = { readonly text: string } | { readonly refusal: string };

/** Of bittorrent-helper/machines. */
export const testedMachines: readonly string[] = [
  'engine',
  'instructionParser',
  'monitor',
  'relocation',
  'supervisor',
  'torrent',
];

/** A test that is longer is none that anybody reads. */
const mostEvents = 2_000;

/** `steps`: in order, up to the state that the test is to end in; those of other actors are passed over. */
export function machineTest(steps: readonly Step[], actor: number): MachineTest {
  const own = steps.map(({ record }) => record).filter((record) => record.actor === actor);
  const [made, ...told] = own;
  if (made === undefined) return { refusal: 'Nothing is known of this actor yet.' };
  if (made.type !== 'actor') {
    const refusal = 'How this actor began is no longer known: only the newest events are kept.';
    return { refusal };
  }
  const { machine, value } = made;
  if (machine === undefined || value === undefined) {
    return { refusal: `${made.id} has no chart, and so no states that a test could expect.` };
  }
  if (!testedMachines.includes(machine)) {
    return { refusal: `The chart ${machine} is none of bittorrent-helper/machines.` };
  }
  const path = told.flatMap((record, index) => pathStep(record, told[index - 1] ?? made));
  if (path.length > mostEvents) {
    const refusal = `${path.length} events led here, and no test of more than ${mostEvents} is made.`;
    return { refusal };
  }
  const end = own.at(-1) ?? made;
  return { text: textOf({ machine, value, context: made.context, path, end }) };
}

interface PathStep {
  readonly event: PlainEvent;
  readonly times: number;
  readonly value: StateTree;
}

/** None for what the machine let pass. */
function pathStep(record: InspectionRecord, before: InspectionRecord): readonly PathStep[] {
  if (record.type === 'actor' || record.value === undefined) return [];
  const { event, times = 1, value, taken, status } = record;
  if (taken.length === 0 && status === before.status) return [];
  return [{ event, times, value }];
}

function textOf(test: {
  readonly machine: string;
  readonly value: StateTree;
  readonly context: PlainFields;
  readonly path: readonly PathStep[];
  readonly end: InspectionRecord;
}): string {
  const { machine, value, path, end } = test;
  const input = sourceText(withActors(inputOf(test.context)), '  ', 15);
  const lines = path.map(({ event, times, value: after }) => {
    const told = withError(withActors(event));
    return `    ${sourceText([told, after, ...(times > 1 ? [times] : [])], '    ', 1)},\n`;
  });
  const needsError = lines.some((line) => line.includes(`${thrown}(`));
  const title = `${machine}: ${statePaths(value).join(' and ')} leads to ${statePaths(end.value).join(' and ')}`;
  return `${importsOf(machine)}

// Whatever it is told, it does nothing.
const idle = fromCallback(() => {});
const ${otherActor} = createActor(idle).start();
${needsError ? errorSource : ''}
it(${sourceText(title)}, () => {
  const input = ${input};
  // What it is told, the states that this leads to, and how often in a row it came.
  const path: readonly (readonly [event: AnyEventObject, states: unknown, times?: number])[] = [
${lines.join('')}  ];
  const machine: AnyStateMachine = ${machine}Machine;
  const { actors, actions } = machine.implementations;
  // What computes the context stays; what does anything else is left out.
  const left = Object.entries(actions).filter(([, action]) => !('resolve' in (action ?? {})));
  const alone = machine.provide({
    actors: Object.fromEntries(Object.keys(actors).map((name) => [name, idle])),
    actions: Object.fromEntries(left.map(([name]) => [name, () => {}])),
  });
  const actor = createActor(alone, { input, clock: new SimulatedClock() });
  actor.subscribe({ error: () => ${otherActor}.stop() });
  actor.start();
  const states = [actor.getSnapshot().value];
  for (const [event, , times = 1] of path) {
    for (let time = 0; time < times; time += 1) actor.send(event);
    states.push(actor.getSnapshot().value);
  }
  expect(states).toEqual([${sourceText(value, '  ', 60)}, ...path.map(([, after]) => after)]);
  expect(actor.getSnapshot().status).toBe(${sourceText(end.status)});
});
`;
}

function importsOf(machine: string): string {
  return [
    `import { ${machine}Machine } from 'bittorrent-helper/machines';`,
    "import { expect, it } from 'vitest';",
    'import {',
    '  type AnyEventObject,',
    '  type AnyStateMachine,',
    '  createActor,',
    '  fromCallback,',
    '  SimulatedClock,',
    "} from 'xstate';",
  ].join('\n');
}

const otherActor = 'other';
const thrown = 'thrown';
const errorSource = `const ${thrown} = (fields: object) => Object.assign(new Error(), fields);
`;

/** What its machine was given is not told, but kept by it: as its field `input`, or as fields of the same names. */
function inputOf({ input, ...context }: PlainFields): PlainFields {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input))
    : context;
}

/** Actors are told of by an arrow and their id. */
function withActors(fields: PlainFields): Readonly<Record<string, SourceValue>> {
  const entries = Object.entries(fields).map(([name, value]): [string, SourceValue] => [
    name,
    typeof value === 'string' && value.startsWith('→ ') ? new SourceName(otherActor) : value,
  ]);
  return Object.fromEntries(entries);
}

/** A step fails with an error, not with the fields of one. */
function withError(event: Readonly<Record<string, SourceValue>>) {
  const { type, error } = event;
  const isError =
    typeof type === 'string' &&
    type.startsWith('xstate.error.') &&
    typeof error === 'object' &&
    error !== null &&
    'message' in error;
  return isError ? { ...event, error: new SourceName(thrown, error) } : event;
}
