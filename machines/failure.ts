// What is thrown at a machine, as data.
import type { Failure } from './types.js';

/** Our errors carry a code, and say whether and how they may pass; anything else is a bug. */
export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error)) return { code: 'INTERNAL', message: `bug: ${String(thrown)}` };
  const { message } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'INTERNAL';
  const isTransient = 'isTransient' in thrown && thrown.isTransient === true;
  const isObstacle = 'isObstacle' in thrown && thrown.isObstacle === true;
  return { code, message, ...(isTransient && { isTransient }), ...(isObstacle && { isObstacle }) };
}
