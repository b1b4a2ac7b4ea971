// Values at and around what a schema takes: right ones, and ones that are wrong in one place or another.
import fc from 'fast-check';

/** As much of JSON Schema as the dialect is written in. */
export interface PlainSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly PlainSchema[];
  readonly properties?: Readonly<Record<string, PlainSchema>>;
  readonly required?: readonly string[];
  readonly items?: PlainSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

/** Of any kind: about one in twelve of the values within another is one of these. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 1 }),
  fc.constantFrom('', '\0', 'a\0b', '😀', '\ud800', 0, -1, 0.5, 1e300, 2 ** 53, [], {}),
);

export function nearSchema(schema: PlainSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 11, arbitrary: within(schema) }, { weight: 1, arbitrary: odd });
}

function within(schema: PlainSchema): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(nearSchema));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return object(schema);
    case 'array':
      return fc.array(nearSchema(schema.items ?? {}), {
        maxLength: (schema.maxItems ?? 3) > 30 ? 3 : 25,
      });
    case 'string':
      return string(schema);
    case 'integer':
      return integer(schema);
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return odd;
  }
}

function object({ properties = {}, required = [] }: PlainSchema): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, nearSchema(each)]),
  );
  const right = fc.record(known, { requiredKeys: [...required] });
  const short = fc.record(known, { requiredKeys: [] });
  const names = fc.constantFrom('more', '__proto__', 'toString', '');
  const long = fc
    .tuple(right, fc.dictionary(names, odd))
    .map(([a, b]) => JSON.parse(JSON.stringify({ ...a, ...b })));
  return fc.oneof({ weight: 8, arbitrary: right }, short, long);
}

function string({ minLength = 0, maxLength, pattern }: PlainSchema): fc.Arbitrary<unknown> {
  const matching = pattern === undefined ? [] : [fc.stringMatching(new RegExp(pattern, 'u'))];
  const unit = fc.constantFrom('a', '😀', '\ud800', '/');
  const long =
    maxLength === undefined
      ? []
      : [fc.string({ unit, minLength: maxLength - 1, maxLength: maxLength + 1 })];
  return fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit, minLength, maxLength: minLength + 3 }),
    ...matching,
    ...long,
  );
}

function integer({ minimum = -1e6, maximum = 1e6 }: PlainSchema): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.integer({ min: Math.max(minimum, -1e6), max: Math.min(maximum, 1e6) }),
    fc.constantFrom(minimum, minimum - 1, maximum, maximum + 1),
  );
}
