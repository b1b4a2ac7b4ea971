// Calls what the program gave us to be called. What that throws, now or later, harms nothing here, and is told.
import { HelperError } from '../errors.js';

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
