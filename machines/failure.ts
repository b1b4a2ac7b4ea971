// What is thrown at a machine, as data.
import type { HelperError } from '../src/errors.js';
import type { Failure } from './types.js';

/** Our errors carry a code, and say whether and how they may pass; anything else is a bug, whatever code it has. */
export function failureOf(thrown: unknown): Failure {
  if (!isOurs(thrown)) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    return { code: 'INTERNAL', message: `bug: ${what}` };
  }
  const { code, message, isTransient, isObstacle } = thrown;
  return { code, message, ...(isTransient && { isTransient }), ...(isObstacle && { isObstacle }) };
}

/** By its name, as the class itself is not known here. */
function isOurs(thrown: unknown): thrown is HelperError {
  return thrown instanceof Error && thrown.name === 'HelperError';
}
