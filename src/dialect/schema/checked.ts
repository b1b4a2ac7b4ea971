// What of the schema is there at run time: `checked` as checks, compiled when a bundle is built, and the rest as plain data.
// See scripts/schema/compiled-checks.mjs.
import type { TSchema } from 'typebox';
import { request } from './messages.js';
import { methods } from './methods.js';
import { fromClient } from './notifications.js';

const paramsOf = (table: Readonly<Record<string, { readonly params: TSchema }>>) =>
  Object.fromEntries(Object.entries(table).map(([name, { params }]) => [name, params]));

/** The params of a method by its name; and a request, whatever its params are. */
export const checked: Readonly<Record<string, TSchema>> = {
  ...paramsOf(methods),
  ...paramsOf(fromClient),
  request,
};

/** The methods that change what the helper does. */
export const changing: readonly string[] = Object.entries(methods)
  .filter(([, { changes }]) => changes)
  .map(([name]) => name);
