import { expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import {
  instructionParserMachine,
  type ParsedEvent,
} from '../../../machines/instruction-parser.js';

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
