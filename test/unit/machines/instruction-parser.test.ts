import { expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import {
  instructionParserMachine,
  type ParsedEvent,
  parsed,
} from '../../../machines/instruction-parser.js';
import type { Instruction } from '../../../machines/types.js';

it('the instruction parser reads line by line, and passes on that there are no more', () => {
  const heard: string[] = [];
  const supervisor = createActor(
    fromCallback<ParsedEvent>(({ receive }) => receive(({ type }) => heard.push(type))),
  ).start();
  const passOn = ({ event }: { event: { type: string } }) => heard.push(event.type);
  const machine = instructionParserMachine.provide({ actions: { passOn } });
  const actor = createActor(machine, { input: { supervisor } }).start();
  const line = { kind: 'text', text: 'list:', ended: true } as const;
  actor.send({ type: 'lines.read', lines: [line] });
  actor.send({ type: 'lines.read', lines: [line] });
  actor.send({ type: 'input.ended' });
  expect(heard).toEqual(['lines.read', 'lines.read', 'input.ended']);
  expect(actor.getSnapshot().status).toBe('done');
});

it('instructions keep their order, and neighbours of one sort become one event', () => {
  const job = (given: string) => ({ kind: 'seed', given }) as const;
  const pause = (id: number) => ({ kind: 'pause', id }) as const;
  const list: Instruction = { kind: 'list' };
  const misread = (line: string) => ({ kind: 'not-understood', line }) as const;
  const given = [job('a'), job('b'), pause(1), list, list, pause(2), pause(1), job('c')];
  expect(parsed([...given, misread('x'), misread('y'), { kind: 'quit' }, list])).toEqual([
    { type: 'jobs.asked', instructions: [job('a'), job('b')] },
    { type: 'jobs.commanded', commands: [pause(1)] },
    { type: 'jobs.repeat' },
    { type: 'jobs.commanded', commands: [pause(2), pause(1)] },
    { type: 'jobs.asked', instructions: [job('c')] },
    { type: 'lines.misread', lines: ['x', 'y'] },
    { type: 'helper.stop' },
    { type: 'jobs.repeat' },
  ]);
  expect(parsed([])).toEqual([]);
});
