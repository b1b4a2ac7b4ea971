// Calls of the engine that are answered by `done`. None outlives its engine, and none is waited for for ever.
import type { EngineCommand } from '../messages.js';

/** The engine keeps its own deadlines, below this; one that hangs keeps none. */
const ANSWER_DEADLINE_MS = 5_000;

export type Post = (command: EngineCommand) => void;

export class EngineCalls {
  readonly #unanswered = new Map<number, () => void>();
  #lastCall = 0;
  #post: Post | undefined;
  #lastEnded = Promise.resolve();

  /** An engine is there. */
  open(post: Post): void {
    this.#post = post;
  }

  /** It answers no more. `ended` resolves when it has closed its files. */
  close(ended: Promise<void>): void {
    this.#post = undefined;
    this.#lastEnded = ended;
    const waiting = [...this.#unanswered.values()];
    void ended.then(() => {
      for (const settle of waiting) settle();
    });
  }

  /** Resolves when the engine has answered, has crashed, or is late. */
  ask(commandOf: (call: number) => EngineCommand): Promise<void> {
    const post = this.#post;
    if (post === undefined) return this.#lastEnded;
    return new Promise((resolve) => {
      this.#lastCall += 1;
      const call = this.#lastCall;
      const settle = () => {
        clearTimeout(timer);
        this.#unanswered.delete(call);
        resolve();
      };
      const timer = setTimeout(settle, ANSWER_DEADLINE_MS).unref();
      this.#unanswered.set(call, settle);
      post(commandOf(call));
    });
  }

  answered(call: number): void {
    this.#unanswered.get(call)?.();
  }
}
