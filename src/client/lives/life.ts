// One life of a helper, as a client has it: from its first line to its end.
import type { Readable, Writable } from 'node:stream';
import { HelperError } from '../../errors.js';
import { createConnection, type HelperConnection, lostError } from '../wire/connection.js';
import { type HelperFacts, readHelperFacts } from '../wire/helper-facts.js';
import type { Fields } from '../wire/read-fields.js';

export type OnNotification = (method: string, params: Fields) => void;

export interface Life {
  readonly request: HelperConnection['request'];
  readonly facts: HelperFacts;
  /** Resolves at its end: with what went wrong, or undefined if it was told to stop. */
  readonly ended: Promise<HelperError | undefined>;
  /** Ends it, or lets go of it. Never rejects. */
  end(): Promise<void>;
}

/** Where helpers come from. */
export interface HelperSource {
  /** Others may have jobs there, and it goes on when this client ends. */
  readonly isShared: boolean;
  /** Rejects with a HelperError. `closing`: ends one that is not ready yet when it aborts. */
  open(onNotification: OnNotification, closing: AbortSignal): Promise<Life>;
}

export interface LifeParts {
  readonly input: Readable;
  readonly output: Writable;
  readonly onNotification: OnNotification;
  readonly closing: AbortSignal;
  /** What is known of its end beside what it has said. Asked once it says no more. */
  readonly whyEnded: () => Promise<HelperError>;
  readonly end: (request: HelperConnection['request']) => Promise<void>;
}

/** Resolves when it has introduced itself. */
export async function beginLife({
  input,
  output,
  onNotification,
  closing,
  whyEnded,
  end,
}: LifeParts): Promise<Life> {
  let wasToldToStop = false;
  let ready = (_: HelperFacts) => {};
  let unfit = (_: unknown) => {};
  const facts = new Promise<HelperFacts>((resolve, reject) => {
    ready = resolve;
    unfit = reject;
  });
  const hear: OnNotification = (method, params) => {
    if (method === 'helper.stopping') wasToldToStop = true;
    if (method !== 'helper.ready') {
      onNotification(method, params);
      return;
    }
    try {
      ready(readHelperFacts(params));
    } catch (error) {
      unfit(error);
    }
  };
  const { request, ended } = createConnection({ input, output, onNotification: hear });
  const error = ended.then(async () => {
    const why = await whyEnded();
    return wasToldToStop ? undefined : why;
  });
  const early = error.then((why) => {
    throw why ?? lostError('it was told to stop before it was ready');
  });
  const close = () => void end(request);
  closing.addEventListener('abort', close);
  if (closing.aborted) close();
  try {
    return {
      facts: await Promise.race([facts, early]),
      request,
      ended: error,
      end: () => end(request),
    };
  } catch (thrown) {
    await end(request);
    throw thrown;
  } finally {
    closing.removeEventListener('abort', close);
    early.catch(() => {});
  }
}

export function isLost(thrown: unknown): boolean {
  return thrown instanceof HelperError && thrown.code === 'HELPER_LOST';
}
