// What of the schema is there at run time: `checked` as checks, compiled when a bundle is built, and the rest as plain data.
// See scripts/schema/compiled-checks.mjs.
import type { TSchema } from 'typebox';
import { methods } from './methods.js';
import { fromClient } from './notifications.js';

const paramsOf = (table: Readonly<Record<string, { readonly params: TSchema }>>) =>
  Object.fromEntries(Object.entries(table).map(([name, { params }]) => [name, params]));

/** The params of a method, or of what a client tells, by its name. */
export const checked: Readonly<Record<string, TSchema>> = {
  ...paramsOf(methods),
  ...paramsOf(fromClient),
};

/** The methods that change what the helper does. */
export const changing: readonly string[] = Object.entries(methods)
  .filter(([, { changes }]) => changes)
  .map(([name]) => name);
