import { describe, expect, it } from 'vitest';
import { createActor, type EventObject, fromCallback, SimulatedClock } from 'xstate';
import { engineMachine, type WorkerEvent, type WorkerInput } from '../../../machines/engine.js';

const failure = { code: 'INTERNAL', message: 'x' } as const;
const opened = { type: 'engine.opened', peerPort: 7 } as const;
const crashed = { type: 'engine.crashed', failure } as const;
const refused = { type: 'engine.refused', failure } as const;

/** `isBroken`: whether the worker that would be the nth, from 0 on, cannot even be made. */
function engine(isBroken: (nth: number) => boolean = () => false) {
  const clock = new SimulatedClock();
  /** The port that each worker asked for. */
  const ports: (number | undefined)[] = [];
  const told: string[] = [];
  let ended = 0;
  const tell = { worker: (_: WorkerEvent) => {} };
  const worker = fromCallback<EventObject, WorkerInput>(({ input, sendBack, receive }) => {
    ports.push(input.port);
    if (isBroken(ports.length - 1)) throw new Error('no thread to be had');
    tell.worker = sendBack;
    receive(({ type }) => told.push(type));
    return () => {
      ended += 1;
    };
  });
  const actor = createActor(engineMachine.provide({ actors: { worker } }), { clock });
  actor.subscribe({ error: () => {} });
  actor.start();
  return {
    clock,
    ports,
    told,
    actor,
    get ended() {
      return ended;
    },
    worker: (event: WorkerEvent) => tell.worker(event),
    state: () => actor.getSnapshot().value,
  };
}

describe('the engine machine', () => {
  it('starts a worker again after 0.25, 0.5, 1 … 30 s', () => {
    const one = engine();
    one.worker(opened);
    for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      one.worker(crashed);
      expect(one.state()).toBe('waiting');
      const before = one.ports.length;
      one.clock.increment(delayMs - 1);
      expect(one.ports).toHaveLength(before);
      one.clock.increment(1);
      expect(one.ports).toHaveLength(before + 1);
    }
    expect(one.ports.slice(1).every((port) => port === 7)).toBe(true);
    expect(one.ended).toBe(9);
  });

  it('forgets earlier failures after a minute without one', () => {
    const one = engine();
    one.worker(opened);
    one.worker(crashed);
    one.clock.increment(250);
    one.worker(opened);
    one.clock.increment(60_000);
    expect(one.state()).toEqual({ alive: 'running' });
    one.worker(crashed);
    one.clock.increment(250);
    expect(one.ports).toHaveLength(3);
  });

  it('is over when the first worker does not start', () => {
    for (const event of [refused, crashed]) {
      const one = engine();
      expect(one.ports).toEqual([undefined]);
      one.worker(event);
      expect(one.actor.getSnapshot().status).toBe('done');
    }
    const late = engine();
    late.clock.increment(30_000);
    expect(late.actor.getSnapshot().status).toBe('done');
    expect(late.ended).toBe(1);
  });

  it('asks for its port a few times, then takes a free one, and stays with that', () => {
    const one = engine();
    one.worker(opened);
    one.worker(crashed);
    for (let refusal = 0; refusal < 4; refusal += 1) {
      one.clock.increment(30_000);
      one.worker(refused);
    }
    one.clock.increment(30_000);
    expect(one.ports).toEqual([undefined, 7, 7, 7, 7, 0]);
    one.worker({ type: 'engine.opened', peerPort: 8 });
    one.worker(crashed);
    one.clock.increment(30_000);
    expect(one.ports.at(-1)).toBe(8);
  });

  it('starts again what takes too long to start again', () => {
    const one = engine();
    one.worker(opened);
    one.worker(crashed);
    one.clock.increment(250);
    expect(one.state()).toEqual({ alive: 'starting' });
    one.clock.increment(30_000);
    expect(one.state()).toBe('waiting');
    expect(one.ended).toBe(2);
  });

  it('is over when the first worker cannot be made, and tries again with a later one', () => {
    expect(engine(() => true).actor.getSnapshot().status).toBe('done');
    const one = engine((nth) => nth === 1);
    one.worker(opened);
    one.worker(crashed);
    one.clock.increment(250);
    expect(one.state()).toBe('waiting');
    one.clock.increment(500);
    expect(one.state()).toEqual({ alive: 'starting' });
    expect(one.ports).toEqual([undefined, 7, 7]);
  });

  it('lets a worker close by itself, and cuts it off after 4 s', () => {
    for (const last of [{ type: 'engine.closed' } as const, crashed, refused, undefined]) {
      const one = engine();
      one.worker(opened);
      one.actor.send({ type: 'engine.close' });
      expect(one.told).toEqual(['worker.close']);
      expect(one.state()).toEqual({ alive: 'closing' });
      if (last) one.worker(last);
      else one.clock.increment(4_000);
      expect(one.state()).toBe('closed');
      expect(one.ended).toBe(1);
    }
  });

  it('closes at once between two workers', () => {
    const one = engine();
    one.worker(opened);
    one.worker(crashed);
    one.actor.send({ type: 'engine.close' });
    expect(one.actor.getSnapshot().status).toBe('done');
    one.clock.increment(60_000);
    expect(one.ports).toHaveLength(1);
  });
});
