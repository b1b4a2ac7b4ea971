// The adapter sees real actors of XState do all that actors do.

import { describe, expect, it } from 'vitest';
import {
  type ActorRefFrom,
  type AnyActor,
  type AnyActorRef,
  assign,
  createActor,
  fromCallback,
  fromPromise,
  fromTransition,
  type InspectionEvent,
  raise,
  sendParent,
  sendTo,
  setup,
  stopChild,
  waitFor,
} from 'xstate';
import { monitorMachine } from '../../../../machines/monitor.js';
import type { UnnumberedRecord } from '../../../../src/inspection/observe/causal-order.js';
import { XStateAdapter } from '../../../../src/inspection/observe/xstate-adapter.js';
import { measure } from '../../../support/machines/torrent-walks.js';

/** Errors are expected, and nobody else's. */
const quiet = { error: () => {} };

function observe() {
  const records: UnnumberedRecord[] = [];
  const adapter = new XStateAdapter((record) => records.push(record));
  const inspect = { next: (event: InspectionEvent) => adapter.next(event) };
  const idOf = (actor: number | undefined) =>
    records.find((record) => record.type === 'actor' && record.actor === actor);
  const nameOf = (actor: number | undefined) => {
    const record = idOf(actor);
    return record?.type === 'actor' ? record.id : undefined;
  };
  return {
    records,
    inspect,
    options: { id: 'root', inspect },
    /** The end of the turn, when all that began in it has been told. */
    told: () => Promise.resolve(),
    /** `+child` for an actor that is there, `root → child: event` for an event that it took. */
    get story() {
      return records.map((record) => {
        const name = nameOf(record.actor);
        if (record.type === 'actor') return `+${name}`;
        const from = record.from === undefined ? '' : `${nameOf(record.from)} → `;
        const end = record.status === 'active' ? '' : ` (${record.status})`;
        return `${from}${name}: ${record.event.type}${end}`;
      });
    },
  };
}

const start = <A extends AnyActor>(actor: A): A => {
  actor.subscribe(quiet);
  actor.start();
  return actor;
};

const echo = fromCallback<{ type: string }>(({ receive, sendBack }) => {
  receive(({ type }) => sendBack({ type: `${type}.heard` }));
});

describe('an adapter of XState’s inspection', () => {
  it('tells of an actor before its first event, and of a cause before what it causes', () => {
    const seen = observe();
    const machine = setup({ actors: { echo } }).createMachine({
      id: 'machine',
      invoke: { src: 'echo', id: 'child' },
      initial: 'a',
      states: {
        a: { on: { go: { target: 'b' } } },
        b: { entry: sendTo('child', { type: 'ask' }), on: { 'ask.heard': { target: 'c' } } },
        c: {},
      },
    });
    const actor = start(createActor(machine, seen.options));
    actor.send({ type: 'go' });
    expect(seen.story).toEqual([
      '+root',
      '+child',
      'root: go',
      'root → child: ask',
      'child → root: ask.heard',
    ]);
    expect(seen.records.map((record) => [record.value, record.taken])).toEqual([
      ['a', []],
      [undefined, []],
      ['b', ['machine.a|go|0']],
      [undefined, []],
      ['c', ['machine.b|ask.heard|0']],
    ]);
    expect(seen.records[1]).toMatchObject({ parent: 1, src: 'echo', status: 'active' });
  });

  it('tells when an event began to be dealt with', () => {
    const seen = observe();
    let endedMs = 0;
    const machine = setup({
      actions: {
        compute() {
          const untilMs = Date.now() + 3;
          while (Date.now() < untilMs);
          endedMs = Date.now();
        },
      },
    }).createMachine({ id: 'machine', on: { go: { actions: 'compute' } } });
    start(createActor(machine, seen.options)).send({ type: 'go' });
    expect(seen.records.at(-1)?.timeMs).toBeLessThan(endedMs);
  });

  it('tells which transitions an event took, those at once and raised ones among them', () => {
    const seen = observe();
    const machine = setup({ actions: { shout: raise({ type: 'shouted' }) } }).createMachine({
      id: 'machine',
      initial: 'a',
      states: {
        a: { always: { target: 'b' } },
        b: {
          on: {
            go: [
              { guard: () => false, target: 'a' },
              { target: 'c', actions: 'shout' },
            ],
          },
        },
        c: { always: { target: 'd' } },
        d: { on: { shouted: { target: 'e' } } },
        e: {},
      },
    });
    start(createActor(machine, seen.options)).send({ type: 'go' });
    expect(seen.records.map(({ taken }) => taken)).toEqual([
      ['machine.a||0'],
      ['machine.b|go|1', 'machine.c||0', 'machine.d|shouted|0'],
    ]);
  });

  it('knows the actor that calls send itself', () => {
    const seen = observe();
    const monitor = fromTransition((heard: number) => heard + 1, 0);
    const teller = fromCallback<{ type: string }, { readonly monitor: AnyActorRef }>(
      ({ input, receive }) => {
        input.monitor.send({ type: 'begins' });
        receive(() => input.monitor.send({ type: 'hears' }));
      },
    );
    const machine = setup({
      types: { context: {} as { monitor: ActorRefFrom<typeof monitor> } },
      actors: { monitor, teller },
    }).createMachine({
      id: 'machine',
      context: ({ spawn }) => ({ monitor: spawn('monitor', { id: 'monitor' }) }),
      invoke: { src: 'teller', id: 'teller', input: ({ context }) => context },
      on: { ask: { actions: sendTo('teller', { type: 'ask' }) } },
    });
    const actor = start(createActor(machine, seen.options));
    actor.send({ type: 'ask' });
    actor.getSnapshot().context.monitor.send({ type: 'from.outside' });
    expect(seen.story.filter((line) => line.includes('monitor:'))).toEqual([
      'teller → monitor: begins',
      'teller → monitor: hears',
      'monitor: from.outside',
    ]);
  });

  it('tells of events that had to wait when they are dealt with', () => {
    const seen = observe();
    const machine = setup({}).createMachine({
      id: 'machine',
      initial: 'a',
      states: {
        a: {
          on: {
            go: {
              actions: ({ self }) => {
                self.send({ type: 'next' });
                self.send({ type: 'next' });
              },
            },
            next: { target: 'b' },
          },
        },
        b: {},
      },
    });
    start(createActor(machine, seen.options)).send({ type: 'go' });
    expect(seen.story.slice(1)).toEqual(['root: go', 'root → root: next', 'root → root: next']);
    expect(seen.records.map(({ value }) => value)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('tells of events that came before the start after it', () => {
    const seen = observe();
    const actor = createActor(
      fromTransition((count: number) => count + 1, 0),
      {
        id: 'root',
        inspect: seen.inspect,
      },
    );
    actor.send({ type: 'early' });
    actor.send({ type: 'early' });
    expect(seen.records).toEqual([]);
    actor.start();
    expect(seen.story).toEqual(['+root', 'root: early', 'root: early']);
  });

  it('tells how actors end: done, with an error, and stopped, a parent before its children', async () => {
    const seen = observe();
    const inner = setup({ actors: { echo } }).createMachine({
      id: 'inner',
      invoke: [
        { src: 'echo', id: 'grandchild' },
        { src: 'echo', id: 'grandchild-2' },
      ],
    });
    const machine = setup({
      actors: {
        inner,
        succeeds: fromPromise(async () => 42),
        fails: fromPromise(async () => Promise.reject(new Error('no'))),
      },
    }).createMachine({
      id: 'machine',
      initial: 'a',
      invoke: { src: 'inner', id: 'child' },
      states: {
        a: { invoke: { src: 'succeeds', id: 'succeeds', onDone: 'b' } },
        b: { invoke: { src: 'fails', id: 'fails', onError: 'c' } },
        c: { on: { end: { actions: stopChild('child') } } },
      },
    });
    const actor = start(createActor(machine, seen.options));
    await waitFor(actor, (snapshot) => snapshot.matches('c'));
    expect(seen.story.slice(5)).toEqual([
      'succeeds → succeeds: xstate.promise.resolve (done)',
      'succeeds → root: xstate.done.actor.succeeds',
      '+fails',
      'fails → fails: xstate.promise.reject (error)',
      'fails → root: xstate.error.actor.fails',
    ]);
    expect(seen.records[5]).toMatchObject({ result: 42 });
    expect(seen.records[8]).toMatchObject({ result: { name: 'Error', message: 'no' } });
    const before = seen.records.length;
    actor.send({ type: 'end' });
    expect(seen.story.slice(before)).toEqual([
      'root: end',
      'child: xstate.stop (stopped)',
      'grandchild: xstate.stop (stopped)',
      'grandchild-2: xstate.stop (stopped)',
    ]);
  });

  it('tells of a system that is stopped from its root down', async () => {
    const seen = observe();
    const inner = setup({ actors: { echo } }).createMachine({
      id: 'inner',
      invoke: { src: 'echo', id: 'grandchild' },
    });
    const machine = setup({ actors: { inner } }).createMachine({
      id: 'machine',
      invoke: { src: 'inner', id: 'child' },
    });
    const actor = start(createActor(machine, seen.options));
    actor.stop();
    await seen.told();
    expect(seen.story.slice(3)).toEqual([
      'root: xstate.stop (stopped)',
      'child: xstate.stop (stopped)',
      'grandchild: xstate.stop (stopped)',
    ]);
  });

  it('tells of a machine that throws, which XState does not', async () => {
    const seen = observe();
    const thrower = setup({
      actions: {
        fail() {
          throw new Error('a bug');
        },
      },
    }).createMachine({ id: 'thrower', on: { go: { actions: 'fail' } } });
    const machine = setup({ actors: { thrower } }).createMachine({
      id: 'machine',
      initial: 'a',
      invoke: { src: 'thrower', id: 'child', onError: '.b' },
      states: { a: { on: { go: { actions: sendTo('child', { type: 'go' }) } } }, b: {} },
    });
    start(createActor(machine, seen.options)).send({ type: 'go' });
    expect(seen.story.slice(2)).toEqual([
      'root: go',
      'root → child: go (error)',
      'child → root: xstate.error.actor.child',
    ]);
    expect(seen.records[3]).toMatchObject({ result: { message: 'a bug' } });

    const alone = observe();
    start(createActor(thrower, alone.options)).send({ type: 'go' });
    await alone.told();
    expect(alone.story).toEqual(['+root', 'root: go (error)']);
  });

  it('tells of actors that are over when they begin', async () => {
    const seen = observe();
    const machine = setup({
      actors: {
        over: setup({}).createMachine({
          id: 'over',
          initial: 'end',
          states: { end: { type: 'final' } },
          output: 7,
        }),
        broken: fromCallback(() => {
          throw new Error('cannot begin');
        }),
      },
    }).createMachine({
      id: 'machine',
      invoke: [
        { src: 'over', id: 'over' },
        { src: 'broken', id: 'broken', onError: { actions: [] } },
      ],
    });
    start(createActor(machine, seen.options));
    await seen.told();
    const of = (name: string) => seen.story.filter((line) => line.includes(name));
    expect(of('over')).toEqual([
      '+over',
      'root → over: xstate.init (done)',
      'over → root: xstate.done.actor.over',
    ]);
    expect(of('broken')).toEqual([
      '+broken',
      'root → broken: xstate.init (error)',
      'broken → root: xstate.error.actor.broken',
    ]);
    expect(seen.records.flatMap((record) => ('result' in record ? [record.result] : []))).toEqual(
      expect.arrayContaining([7, { name: 'Error', message: 'cannot begin' }]),
    );
  });

  it('does not tell of events that nobody heard', () => {
    const seen = observe();
    const machine = setup({}).createMachine({
      id: 'machine',
      initial: 'a',
      states: { a: { on: { end: 'b' } }, b: { type: 'final' } },
    });
    const actor = start(createActor(machine, seen.options));
    actor.send({ type: 'end' });
    actor.send({ type: 'late' });
    expect(seen.story).toEqual(['+root', 'root: end (done)']);
  });

  it('numbers the actors of several systems, and those that are started again, as others', () => {
    const seen = observe();
    const worker = setup({}).createMachine({
      id: 'worker',
      initial: 'works',
      states: { works: { on: { dies: 'dead' } }, dead: { type: 'final' } },
    });
    const host = setup({ actors: { worker } }).createMachine({
      id: 'host',
      initial: 'alive',
      states: {
        alive: {
          invoke: { src: 'worker', id: 'worker', onDone: 'waiting' },
          on: { kill: { actions: sendTo('worker', { type: 'dies' }) } },
        },
        waiting: { on: { again: 'alive' } },
      },
    });
    const one = start(createActor(host, seen.options));
    const other = start(createActor(host, seen.options));
    one.send({ type: 'kill' });
    one.send({ type: 'again' });
    other.send({ type: 'kill' });
    expect(seen.records.map(({ type, actor }) => `${type} ${actor}`)).toEqual([
      ...['actor 1', 'actor 2', 'actor 3', 'actor 4'],
      ...['transition 1', 'transition 2', 'transition 1', 'transition 1', 'actor 5'],
      ...['transition 3', 'transition 4', 'transition 3'],
    ]);
  });

  it('tells of a system that runs already, when it is given to one', () => {
    const seen = observe();
    const machine = setup({ actors: { echo } }).createMachine({
      id: 'machine',
      invoke: { src: 'echo', id: 'child' },
      initial: 'a',
      states: {
        a: { on: { go: { target: 'b', actions: sendTo('child', { type: 'ask' }) } } },
        b: {},
      },
    });
    const actor = createActor(machine, { id: 'root' }).start();
    actor.system.inspect(seen.inspect);
    actor.send({ type: 'go' });
    expect(seen.story).toEqual([
      '+root',
      'root: go',
      '+child',
      'root → child: ask',
      'child → root: ask.heard',
    ]);
    expect(seen.records.map(({ value }) => value)).toEqual(['a', 'b', undefined, undefined, 'b']);
  });

  it('tells only what has changed of a context, and what is gone', () => {
    const seen = observe();
    const machine = setup({
      types: { context: {} as { count: number; same: object; gone?: number | undefined } },
    }).createMachine({
      id: 'machine',
      context: { count: 1, same: { deep: true }, gone: 1 },
      on: {
        add: { actions: assign({ count: ({ context }) => context.count + 1, gone: undefined }) },
      },
    });
    start(createActor(machine, seen.options)).send({ type: 'add' });
    expect(seen.records[0]).toMatchObject({ context: { count: 1, same: { deep: true }, gone: 1 } });
    expect(seen.records[1]).toMatchObject({ changed: { count: 2, gone: null } });
  });

  it('tells of no numbers, be they reported together, unless something else is reported with them', () => {
    const seen = observe();
    const monitor = start(createActor(monitorMachine, seen.options));
    const job = { id: 1, kind: 'download', file: 'a.iso', state: 'seeding' } as const;
    const measured = { type: 'job.measured', id: 1, measure } as const;
    monitor.send({ type: 'jobs.reported', reports: [measured, { ...measured, id: 2 }] });
    expect(seen.story).toEqual(['+root']);
    monitor.send({ type: 'jobs.reported', reports: [measured, { type: 'job.announced', job }] });
    expect(seen.story).toEqual(['+root', 'root: jobs.reported']);
  });

  it('never throws into an actor, whatever its events and context do', () => {
    const seen = observe();
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no keys');
        },
        has() {
          throw new Error('no');
        },
      },
    );
    const machine = setup({
      types: { context: {} as Record<string, unknown> },
    }).createMachine({
      id: 'machine',
      context: { hostile },
      initial: 'a',
      states: {
        a: { on: { go: { target: 'b', actions: assign({ again: () => hostile }) } } },
        b: {},
      },
    });
    const actor = start(createActor(machine, seen.options));
    actor.send(Object.assign(Object.create(hostile), { type: 'go' }));
    expect(actor.getSnapshot().value).toBe('b');
    expect(seen.story).toEqual(['+root', 'root: go']);
  });

  it('waits no longer for what threw, and goes on with the next', async () => {
    const seen = observe();
    const thrower = setup({
      actions: {
        fail() {
          throw new Error('a bug');
        },
      },
    }).createMachine({ id: 'thrower', on: { go: { actions: 'fail' } } });
    const healthy = setup({ actions: { tell: sendParent({ type: 'x' }) } }).createMachine({
      id: 'healthy',
      on: { go: {} },
    });
    const broken = start(createActor(thrower, seen.options));
    const other = start(createActor(healthy, seen.options));
    broken.send({ type: 'go' });
    other.send({ type: 'go' });
    await seen.told();
    expect(seen.records.slice(2)).toMatchObject([
      { actor: 1, status: 'error', from: undefined },
      { actor: 2, status: 'active', from: undefined },
    ]);
  });

  it('knows who goes on when another’s machine has thrown in between', async () => {
    const seen = observe();
    const thrower = setup({
      actions: {
        fail() {
          throw new Error('a bug');
        },
      },
    }).createMachine({ id: 'thrower', on: { go: { actions: 'fail' } } });
    const counter = fromTransition((count: number) => count + 1, 0);
    const broken = start(createActor(thrower, { ...seen.options, id: 'broken' }));
    const other = start(createActor(counter, { ...seen.options, id: 'other' }));
    const machine = setup({
      actions: {
        askBoth() {
          broken.send({ type: 'go' });
          other.send({ type: 'go' });
        },
      },
    }).createMachine({ id: 'machine', on: { go: { actions: 'askBoth' } } });
    start(createActor(machine, seen.options)).send({ type: 'go' });
    other.send({ type: 'go' });
    expect(seen.story.slice(3)).toEqual([
      'root: go',
      'root → broken: go (error)',
      'root → other: go',
      'other: go',
    ]);
  });
});
