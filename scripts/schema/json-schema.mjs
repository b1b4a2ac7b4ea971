// docs/schema.json: every line of the dialect, either way, as JSON Schema 2020-12.
import { createDefinitions } from './definitions.mjs';

/** @param {typeof import('./dialect.mjs')} dialect */
export function jsonSchemaOf({ methods, notifications, fromClient, messages }) {
  const definitions = createDefinitions('#/$defs/');
  const { refer } = definitions;
  const { jsonrpc } = messages.request.properties;
  const { id } = messages.result.properties;

  const call = (method, { summary, params }, properties, isOptional) => ({
    type: 'object',
    description: summary,
    required: ['jsonrpc', ...Object.keys(properties), 'method', ...(isOptional ? [] : ['params'])],
    properties: refer({
      jsonrpc,
      ...properties,
      method: { type: 'string', const: method },
      params,
    }),
  });
  const calls = (table, properties, isOptional = () => false) =>
    Object.entries(table).map(([name, each]) =>
      call(name, each, properties, isOptional(each.params)),
    );
  const takesNothing = ({ anyOf, required = [] }) => !anyOf && required.length === 0;

  const toHelper = [...calls(methods, { id }, takesNothing), ...calls(fromClient, {})];
  const fromHelper = [...calls(notifications, {}), refer(messages.result), refer(messages.error)];
  const results = Object.fromEntries(
    Object.entries(methods).map(([name, { summary, result }]) => [
      `${name}.result`,
      { description: summary, ...refer(result) },
    ]),
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of the JSON dialect of bittorrent-helper',
    anyOf: [{ $ref: '#/$defs/ToHelper' }, { $ref: '#/$defs/FromHelper' }],
    $defs: {
      ToHelper: { description: 'What a client sends.', anyOf: toHelper },
      FromHelper: { description: 'What the helper sends.', anyOf: fromHelper },
      ...definitions.all(),
      ...results,
    },
  };
}
