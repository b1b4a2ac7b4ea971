// The instruction parser: names what each line asks for and passes it on to the supervisor, in the order of the lines.
import { type ActorRef, type Snapshot, sendTo, setup } from 'xstate';
import type { InputLine, Instruction, JobInstruction } from './types.js';

export type InstructionParserEvent =
  | { readonly type: 'line.read'; readonly line: InputLine }
  | { readonly type: 'input.ended' };

export interface AskedEvent {
  readonly type: 'job.asked';
  readonly instruction: JobInstruction;
}

/** What the parser passes on. */
export type ParsedEvent =
  | AskedEvent
  | {
      readonly type: 'instruction.given';
      readonly instruction: Exclude<Instruction, JobInstruction>;
    }
  | { readonly type: 'input.ended' };

export interface InstructionParserContext {
  readonly supervisor: ActorRef<Snapshot<unknown>, ParsedEvent>;
}

export const instructionParserMachine = setup({
  types: {
    input: {} as InstructionParserContext,
    context: {} as InstructionParserContext,
    events: {} as InstructionParserEvent,
  },
  actions: {
    /** Reads the line by the grammar and sends the instruction on; an empty line goes no further. */
    passOn: () => {
      throw new Error('passOn is provided by the system');
    },
    passOnEnd: sendTo(({ context }) => context.supervisor, { type: 'input.ended' }),
  },
}).createMachine({
  id: 'instructionParser',
  description: 'Turns lines into instructions.',
  context: ({ input }) => input,
  initial: 'reading',
  states: {
    reading: {
      description:
        'Takes line after line; every line that begins a job counts, whatever becomes of it.',
      on: {
        'line.read': { actions: 'passOn' },
        'input.ended': { target: 'ended', actions: 'passOnEnd' },
      },
    },
    ended: {
      description: 'The parent has said all it wanted to say.',
      type: 'final',
    },
  },
});
