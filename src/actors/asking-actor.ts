// An actor of a promise as who asks: it has left when its machine stopped it.
import type { Asker } from '../async/asker.js';

/** What XState gives to such an actor. */
interface PromiseScope {
  readonly self: { getSnapshot(): { readonly status: string } };
  readonly signal: AbortSignal;
}

/** Its signal is made by the scope, when it is asked for. */
export function askingActor(scope: PromiseScope): Asker {
  return {
    get hasLeft() {
      return scope.self.getSnapshot().status !== 'active';
    },
    get signal() {
      return scope.signal;
    },
  };
}
