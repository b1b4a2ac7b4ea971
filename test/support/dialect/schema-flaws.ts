// Holds what a helper says against the schema of the dialect, by a validator that is not ours.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { error, notification, result } from '../../../src/dialect/schema/messages.js';
import { methods } from '../../../src/dialect/schema/methods.js';
import { notifications } from '../../../src/dialect/schema/notifications.js';
import type { Message } from './dialect-client.js';

const ajv = new Ajv2020({ strict: true, strictTypes: false });
const compiled = new Map<object, ValidateFunction>();
const methodsByName: ReadonlyMap<string, { readonly result: object }> = new Map(
  Object.entries(methods),
);
const notificationsByName: ReadonlyMap<string, { readonly params: object }> = new Map(
  Object.entries(notifications),
);

/** What is wrong with a message; undefined if nothing is. `method`: that it answers. */
export function schemaFlaw(message: Message, method: string | undefined): string | undefined {
  if (message.method !== undefined) {
    const known = notificationsByName.get(message.method);
    if (!known) return `${message.method}: no such notification`;
    return flawOf(message, notification) ?? flawOf(message.params, known.params);
  }
  if (message.error !== undefined) return flawOf(message, error);
  const known = method === undefined ? undefined : methodsByName.get(method);
  return flawOf(message, result) ?? (known && flawOf(message.result, known.result));
}

function flawOf(value: unknown, schema: object): string | undefined {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (validate(value)) return undefined;
  return `${ajv.errorsText(validate.errors)}: ${JSON.stringify(value).slice(0, 500)}`;
}
