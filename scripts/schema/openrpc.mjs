// docs/openrpc.json: the methods as OpenRPC, which is what `rpc.discover` answers. It has no word for what a server tells
// unasked; that stands under `x-notifications`.
import { createDefinitions } from './definitions.mjs';

/** @param {typeof import('./dialect.mjs')} dialect */
export function openRpcOf({ methods, notifications, fromClient, errorNumbers, version }) {
  const definitions = createDefinitions('#/components/schemas/');
  const { refer } = definitions;
  const descriptorsOf = ({ properties, required = [] }) =>
    Object.entries(properties).map(([name, schema]) => ({
      name,
      ...(schema.description && { description: schema.description }),
      required: required.includes(name),
      schema: refer(schema),
    }));
  /** Where there are several shapes, what is not in all of them is optional. */
  const paramsOf = ({ anyOf, ...only }) => {
    const shapes = anyOf ?? [only];
    const each = shapes.flatMap(descriptorsOf);
    const names = [...new Set(each.map(({ name }) => name))];
    return names.map((name) => {
      const same = each.filter((descriptor) => descriptor.name === name);
      const isRequired = same.length === shapes.length && same.every(({ required }) => required);
      return { ...same[0], required: isRequired };
    });
  };
  const told = ([name, { summary, params }]) => ({ name, summary, params: refer(params) });

  const document = {
    openrpc: '1.3.2',
    info: {
      title: 'bittorrent-helper',
      version,
      description:
        'JSON-RPC 2.0, one message a line, over stdin and stdout (--json) or a socket (--socket PATH). See dialect.md.',
      license: { name: 'MIT' },
    },
    methods: Object.entries(methods).map(([name, { summary, changes, params, result }]) => ({
      name,
      summary,
      paramStructure: 'by-name',
      params: paramsOf(params),
      ...(params.anyOf && {
        description: `Exactly one of these: ${differing(params.anyOf).join(', ')}.`,
      }),
      result: { name: 'result', schema: refer(result) },
      errors: Object.keys(errorNumbers).map((each) => ({ $ref: `#/components/errors/${each}` })),
      'x-changes': changes,
    })),
    'x-notifications': Object.entries(notifications).map(told),
    'x-client-notifications': Object.entries(fromClient).map(told),
  };
  return {
    ...document,
    components: {
      errors: Object.fromEntries(
        Object.entries(errorNumbers).map(([name, { number, message }]) => [
          name,
          { code: number, message },
        ]),
      ),
      schemas: definitions.all(),
    },
  };
}

/** What one shape requires, and another does not have. */
function differing(shapes) {
  return shapes.flatMap(({ required }) =>
    required.filter((name) => shapes.some(({ properties }) => !(name in properties))),
  );
}
