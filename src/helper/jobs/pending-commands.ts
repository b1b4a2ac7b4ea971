// What a job was told and has not done yet: a promise each, settled by what the job says of itself afterwards. It asks
// nothing of the job, and gives it nothing.
import type { Diagnostic, Failure, JobCommand, JobEnd, JobState } from '../../../machines/types.js';
import { createDeferred, type Deferred } from '../../async/deferred.js';
import { HelperError } from '../../errors.js';

type CommandKind = JobCommand['kind'];

interface PendingCommand {
  readonly kind: CommandKind;
  readonly answer: Deferred<void>;
  /** Of a move: the content lies at its new place. */
  hasMoved: boolean;
}

/** Whoever asks for the one does not want the other any more. */
const opposites: Partial<Record<CommandKind, CommandKind>> = {
  pause: 'resume',
  resume: 'pause',
  move: 'move',
};

export class PendingCommands {
  readonly #pending = new Set<PendingCommand>();

  /** `send` gives the command to the job, which may have done or refused it before that returns. */
  give(kind: CommandKind, send: () => void, stateOf: () => JobState): Promise<void> {
    const given: PendingCommand = { kind, answer: createDeferred(), hasMoved: false };
    this.#pending.add(given);
    send();
    // One that was refused changes nothing.
    if (this.#pending.has(given)) this.#supersede(given);
    this.onState(stateOf());
    return given.answer.promise;
  }

  onState(state: JobState): void {
    // How a job ended is heard a moment later.
    if (state === 'failed' || state === 'removed') return;
    this.#settle(({ kind, hasMoved }) => {
      if (kind === 'pause') return state === 'paused' ? 'done' : undefined;
      if (kind === 'resume') return state === 'paused' ? undefined : 'done';
      return hasMoved && state !== 'moving' ? 'done' : undefined;
    });
  }

  /** Whether somebody who waits is refused by it. */
  onDiagnosed(diagnostic: Diagnostic, state: JobState): boolean {
    if (diagnostic.kind === 'refused') {
      const { command, failure } = diagnostic;
      // What was asked before it is under way.
      const refused = [...this.#pending].findLast(({ kind }) => kind === command);
      this.#settle((each) => (each === refused ? errorOf(failure) : undefined));
      return refused !== undefined;
    }
    if (diagnostic.kind === 'verified' || diagnostic.kind === 'announced') {
      const done = diagnostic.kind === 'verified' ? 'verify' : 'announce';
      this.#settle(({ kind }) => (kind === done ? 'done' : undefined));
    } else if (diagnostic.kind === 'moved') {
      for (const each of this.#pending) each.hasMoved = each.kind === 'move';
      this.onState(state);
    } else if (diagnostic.kind === 'warning' && diagnostic.command !== undefined) {
      const { command, failure } = diagnostic;
      this.#settle(({ kind, hasMoved }) =>
        kind === command && !hasMoved ? errorOf(failure) : undefined,
      );
    }
    return false;
  }

  /** The job is over. `error`: why it does no more. */
  onEnd({ end, failure }: JobEnd, error: HelperError): void {
    this.#settle(({ kind, hasMoved }) => {
      if (hasMoved) return 'done';
      if (end !== 'removed') return error;
      if (kind === 'delete' && failure) return errorOf(failure);
      return kind === 'remove' || kind === 'delete' ? 'done' : error;
    });
  }

  #supersede(given: PendingCommand): void {
    const unwanted = opposites[given.kind];
    this.#settle((each) => {
      if (each === given || each.kind !== unwanted) return undefined;
      const message = `${each.kind}: not done, as ${given.kind} was asked for since`;
      return new HelperError('REFUSED', message);
    });
  }

  /** `outcomeOf`: undefined if nothing is known yet. */
  #settle(outcomeOf: (each: PendingCommand) => 'done' | HelperError | undefined): void {
    for (const each of this.#pending) {
      const outcome = outcomeOf(each);
      if (outcome === undefined) continue;
      this.#pending.delete(each);
      if (outcome === 'done') each.answer.resolve();
      else each.answer.reject(outcome);
    }
  }
}

function errorOf({ code, message }: Failure): HelperError {
  return new HelperError(code, message);
}
