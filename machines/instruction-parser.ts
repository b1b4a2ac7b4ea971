// The instruction parser: names what each line asks for and passes it on to the supervisor, in the order of the lines. What comes
// together goes together: of neighbours of one sort it makes one event.
import { type ActorRef, type Snapshot, sendTo, setup } from 'xstate';
import type { InputLine, Instruction, JobCommand, JobInstruction } from './types.js';

export type InstructionParserEvent =
  | { readonly type: 'lines.read'; readonly lines: readonly InputLine[] }
  | { readonly type: 'input.ended' };

export interface AskedEvent {
  readonly type: 'jobs.asked';
  readonly instructions: readonly JobInstruction[];
}

export interface CommandedEvent {
  readonly type: 'jobs.commanded';
  readonly commands: readonly JobCommand[];
}

export interface MisreadEvent {
  readonly type: 'lines.misread';
  readonly lines: readonly string[];
}

/** What the parser passes on. */
export type ParsedEvent =
  | AskedEvent
  | CommandedEvent
  /** `list:` */
  | { readonly type: 'jobs.repeat' }
  | MisreadEvent
  /** `quit:` */
  | { readonly type: 'helper.stop' }
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
    /** Reads the lines by the grammar and sends the instructions on; an empty line goes no further. */
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
        'lines.read': { actions: 'passOn' },
        'input.ended': { target: 'ended', actions: 'passOnEnd' },
      },
    },
    ended: {
      description: 'The parent has said all it wanted to say.',
      type: 'final',
    },
  },
});

/** Instructions as the supervisor takes them, in their order. */
export function parsed(instructions: Iterable<Instruction>): readonly ParsedEvent[] {
  const runs: Run[] = [];
  for (const instruction of instructions) {
    const last = runs.at(-1);
    switch (instruction.kind) {
      case 'seed':
      case 'download':
      case 'invalid':
        if (last?.type === 'jobs.asked') last.instructions.push(instruction);
        else runs.push({ type: 'jobs.asked', instructions: [instruction] });
        break;
      case 'list':
        if (last?.type !== 'jobs.repeat') runs.push({ type: 'jobs.repeat' });
        break;
      case 'quit':
        runs.push({ type: 'helper.stop' });
        break;
      case 'not-understood':
        if (last?.type === 'lines.misread') last.lines.push(instruction.line);
        else runs.push({ type: 'lines.misread', lines: [instruction.line] });
        break;
      default:
        if (last?.type === 'jobs.commanded') last.commands.push(instruction);
        else runs.push({ type: 'jobs.commanded', commands: [instruction] });
    }
  }
  return runs;
}

/** An event to which more may be added while its neighbours are of its sort. */
type Run =
  | { readonly type: 'jobs.asked'; readonly instructions: JobInstruction[] }
  | { readonly type: 'jobs.commanded'; readonly commands: JobCommand[] }
  | { readonly type: 'lines.misread'; readonly lines: string[] }
  | { readonly type: 'jobs.repeat' | 'helper.stop' };
