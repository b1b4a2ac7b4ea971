// The requests of one connection: each is checked, carried out and answered, and some wait for that. A client that has more
// of them waiting than may be is not read any further.
import { untilAborted } from '../async/until-aborted.js';
import { toHelperError } from '../errors.js';
import { dialectLimits } from '../limits.js';
import { areParamsOf, isChanging, isMethod, paramsFlaw } from './checks/check-params.js';
import { type Call, callMethod, type Result } from './methods/method-table.js';
import type { RequestId } from './schema/types.js';
import { cancelled, controlDenied, faultOf } from './wire/faults.js';
import type { IncomingMessage } from './wire/read-message.js';
import { type Fault, faultLine, resultLine, rpcCodes } from './wire/write-message.js';

type Request = Extract<IncomingMessage, { readonly kind: 'request' }>;

export interface RequestsOptions {
  readonly call: Omit<Call, 'signal'>;
  /** It may change what the helper does. */
  readonly mayControl: boolean;
  readonly answer: (line: string) => void;
}

interface Outcome {
  succeed(result: Result): void;
  fail(thrown: unknown): void;
}

export class Requests {
  readonly #options: RequestsOptions;
  /** Those that may be cancelled. */
  readonly #cancellable = new Map<RequestId, AbortController>();
  readonly #underWay = new Set<AbortController>();
  readonly #onSettled = new Set<() => void>();
  #isAbandoned = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#underWay.size >= dialectLimits.waitingRequests;
  }

  take({ id, method, params }: Request): void {
    if (method === '$/cancel' && id === undefined) {
      if (areParamsOf(method, params)) this.#cancellable.get(params.id)?.abort();
      return;
    }
    const { call: common, mayControl, answer } = this.#options;
    const refuse = (fault: Fault) => {
      if (id !== undefined) answer(faultLine(id, fault));
    };
    if (!isMethod(method)) {
      refuse({ code: rpcCodes.methodNotFound, message: `no method ${method.slice(0, 100)}` });
    } else if (id !== undefined && this.#cancellable.has(id)) {
      const message = 'a request that has this id waits already';
      refuse({ code: rpcCodes.invalidRequest, message });
    } else if (!areParamsOf(method, params)) {
      refuse({ code: rpcCodes.invalidParams, message: paramsFlaw(method, params) });
    } else if (isChanging(method) && !mayControl) {
      refuse(faultOf(controlDenied(method)));
    } else {
      const controller = new AbortController();
      const { signal } = controller;
      if (this.#isAbandoned) controller.abort();
      const outcome: Outcome = {
        succeed(result) {
          if (id !== undefined) answer(resultLine(id, result));
        },
        fail: (thrown) =>
          refuse(signal.aborted ? cancelled : faultOf(toHelperError(thrown), jobIdIn(params))),
      };
      try {
        const result = callMethod(method, params, { ...common, signal });
        if (typeof result === 'string') outcome.succeed(result);
        else void this.#answerLater(id, controller, result, outcome);
      } catch (thrown) {
        outcome.fail(thrown);
      }
    }
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.isFull) await this.#anySettled();
  }

  /** Resolves when all are answered. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await this.#anySettled();
  }

  /** Nobody waits for an answer any more. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const controller of this.#underWay) controller.abort();
  }

  async #answerLater(
    id: RequestId | undefined,
    controller: AbortController,
    result: Promise<Result>,
    { succeed, fail }: Outcome,
  ): Promise<void> {
    this.#underWay.add(controller);
    if (id !== undefined) this.#cancellable.set(id, controller);
    try {
      succeed(await untilAborted(controller.signal, result));
    } catch (thrown) {
      fail(thrown);
    }
    this.#underWay.delete(controller);
    if (id !== undefined) this.#cancellable.delete(id);
    for (const wake of this.#onSettled) wake();
    this.#onSettled.clear();
  }

  #anySettled(): Promise<void> {
    return new Promise((resolve) => this.#onSettled.add(resolve));
  }
}

/** Of the job that a request is about, if it is about one. */
function jobIdIn(params: object): number | undefined {
  return 'id' in params && typeof params.id === 'number' ? params.id : undefined;
}
