import { describe, expect, it } from 'vitest';
import { createActor, type EventObject, fromCallback, SimulatedClock } from 'xstate';
import {
  type EngineLifeEvent,
  type EngineLifeInput,
  engineMachine,
} from '../../../machines/engine.js';

const failure = { code: 'INTERNAL', message: 'x' };
const opened = { type: 'engine.opened', peerPort: 7 } as const;
const died = { type: 'engine.died', failure } as const;
const refused = { type: 'engine.refused', failure } as const;

function engine() {
  const clock = new SimulatedClock();
  /** The port that each life asked for. */
  const lives: (number | undefined)[] = [];
  const told: string[] = [];
  let ended = 0;
  const tell = { life: (_: EngineLifeEvent) => {} };
  const life = fromCallback<EventObject, EngineLifeInput>(({ input, sendBack, receive }) => {
    lives.push(input.port);
    tell.life = sendBack;
    receive(({ type }) => told.push(type));
    return () => {
      ended += 1;
    };
  });
  const actor = createActor(engineMachine.provide({ actors: { life } }), { clock });
  actor.subscribe({ error: () => {} });
  actor.start();
  return {
    ...{ clock, lives, told, actor },
    get ended() {
      return ended;
    },
    life: (event: EngineLifeEvent) => tell.life(event),
    state: () => actor.getSnapshot().value,
  };
}

describe('the engine machine', () => {
  it('starts a life again after 0.25, 0.5, 1 … 30 s', () => {
    const one = engine();
    one.life(opened);
    for (const delayMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      one.life(died);
      expect(one.state()).toBe('waiting');
      const before = one.lives.length;
      one.clock.increment(delayMs - 1);
      expect(one.lives).toHaveLength(before);
      one.clock.increment(1);
      expect(one.lives).toHaveLength(before + 1);
    }
    expect(one.lives.slice(1).every((port) => port === 7)).toBe(true);
    expect(one.ended).toBe(9);
  });

  it('forgets earlier deaths after a minute of health', () => {
    const one = engine();
    one.life(opened);
    one.life(died);
    one.clock.increment(250);
    one.life(opened);
    one.clock.increment(60_000);
    expect(one.state()).toEqual({ alive: 'running' });
    one.life(died);
    one.clock.increment(250);
    expect(one.lives).toHaveLength(3);
  });

  it('is over when the first life does not begin', () => {
    for (const event of [refused, died]) {
      const one = engine();
      expect(one.lives).toEqual([undefined]);
      one.life(event);
      expect(one.actor.getSnapshot().status).toBe('done');
    }
    const late = engine();
    late.clock.increment(30_000);
    expect(late.actor.getSnapshot().status).toBe('done');
    expect(late.ended).toBe(1);
  });

  it('asks for its port a few times, then takes a free one, and keeps that', () => {
    const one = engine();
    one.life(opened);
    one.life(died);
    for (let refusal = 0; refusal < 4; refusal += 1) {
      one.clock.increment(30_000);
      one.life(refused);
    }
    one.clock.increment(30_000);
    expect(one.lives).toEqual([undefined, 7, 7, 7, 7, 0]);
    one.life({ type: 'engine.opened', peerPort: 8 });
    one.life(died);
    one.clock.increment(30_000);
    expect(one.lives.at(-1)).toBe(8);
  });

  it('starts again what takes too long to start again', () => {
    const one = engine();
    one.life(opened);
    one.life(died);
    one.clock.increment(250);
    expect(one.state()).toEqual({ alive: 'starting' });
    one.clock.increment(30_000);
    expect(one.state()).toBe('waiting');
    expect(one.ended).toBe(2);
  });

  it('lets a life close by itself, and cuts it off after 4 s', () => {
    for (const last of [{ type: 'engine.closed' } as const, died, undefined]) {
      const one = engine();
      one.life(opened);
      one.actor.send({ type: 'engine.close' });
      expect(one.told).toEqual(['life.close']);
      expect(one.state()).toEqual({ alive: 'closing' });
      if (last) one.life(last);
      else one.clock.increment(4_000);
      expect(one.state()).toBe('closed');
      expect(one.ended).toBe(1);
    }
  });

  it('closes at once between two lives', () => {
    const one = engine();
    one.life(opened);
    one.life(died);
    one.actor.send({ type: 'engine.close' });
    expect(one.actor.getSnapshot().status).toBe('done');
    one.clock.increment(60_000);
    expect(one.lives).toHaveLength(1);
  });
});
