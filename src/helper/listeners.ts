// Calls what the program gave us to be called. What that throws, now or later, harms nothing here, and is told.
import type { InspectionEvent, Observer } from 'xstate';
import type { Diagnostic } from '../../machines/types.js';
import { HelperError } from '../errors.js';
import type { HelperOptions } from '../options/resolve-options.js';

/** `name`: the option it was given as. */
export function callListener(
  name: string,
  call: () => unknown,
  onThrown: (error: HelperError) => void,
): void {
  const tell = (thrown: unknown) => {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    onThrown(new HelperError('LISTENER_FAILED', `${name} threw: ${what}`, { cause: thrown }));
  };
  try {
    const returned = call();
    if (returned instanceof Promise) returned.catch(tell);
  } catch (thrown) {
    tell(thrown);
  }
}

/** What `onDiagnostic` throws it is told as a warning, and so is `onThrew`. */
export function tellDiagnostic(
  onDiagnostic: (diagnostic: Diagnostic) => void,
  diagnostic: Diagnostic,
  onThrew: (warning: Diagnostic) => void,
): void {
  const hear = (each: Diagnostic, onThrown: (error: HelperError) => void) =>
    callListener('onDiagnostic', () => onDiagnostic(each), onThrown);
  hear(diagnostic, ({ code, message }) => {
    const threw = { kind: 'warning', failure: { code, message } } as const;
    onThrew(threw);
    // It may know what to do with that; if not, nobody is left to be told.
    hear(threw, () => {});
  });
}

/**
 * An inspector that throws would wedge the actor it watches for ever, so what it throws stops here. `onThrew` hears the first time that
 * it does; undefined where there is none.
 */
export function harmlessObserver(
  inspect: HelperOptions['inspect'],
  onThrew: (error: HelperError) => void,
): Observer<InspectionEvent> | undefined {
  if (inspect === undefined) return undefined;
  let hasThrown = false;
  const tellOnce = (error: HelperError) => {
    if (!hasThrown) onThrew(error);
    hasThrown = true;
  };
  const pass = (event: InspectionEvent) =>
    typeof inspect === 'function' ? inspect(event) : inspect.next?.(event);
  return { next: (event) => callListener('inspect', () => pass(event), tellOnce) };
}
