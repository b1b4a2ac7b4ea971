// Whether a line is what docs/schema.json says: as much of JSON Schema as that is written in.
import { readFileSync } from 'node:fs';

/** @typedef {(value: unknown, path?: string) => string | undefined} Check what is wrong, if something is */

/**
 * @param {string | URL} file a JSON Schema with definitions
 * @returns {(name: string) => Check} the check of a definition; of all of it: `#`
 */
export function readSchema(file) {
  const document = JSON.parse(readFileSync(file, 'utf8'));
  const check = createCheck(document);
  return (name) =>
    (value, path = '') =>
      check(name === '#' ? document : { $ref: `#/$defs/${name}` }, value, path);
}

/** @returns {(schema: any, value: unknown, path: string) => string | undefined} */
export function createCheck(document) {
  const patterns = new Map();
  const regExpOf = (pattern) => {
    if (!patterns.has(pattern)) patterns.set(pattern, new RegExp(pattern, 'u'));
    return patterns.get(pattern);
  };
  const resolve = (ref) =>
    ref
      .slice(2)
      .split('/')
      .reduce((so, name) => so[name], document);

  const check = (schema, value, path) => {
    if (schema.$ref) {
      const flaw = check(resolve(schema.$ref), value, path);
      if (flaw) return flaw;
    }
    if (schema.anyOf) {
      const flaws = likely(schema.anyOf, value).map((each) => check(each, value, path));
      if (!flaws.includes(undefined)) return closest(flaws, path);
    }
    if (Object.hasOwn(schema, 'const') && schema.const !== value) {
      return `${path}: expected ${JSON.stringify(schema.const)}`;
    }
    if (schema.enum && !schema.enum.includes(value)) return `${path}: expected one of a list`;
    if (schema.type && !types[schema.type](value)) return `${path}: expected ${schema.type}`;
    if (typeof value === 'number') return numberFlaw(schema, value, path);
    if (typeof value === 'string') return stringFlaw(schema, value, path);
    if (Array.isArray(value)) return listFlaw(schema, value, path);
    if (types.object(value)) return objectFlaw(schema, value, path);
    return undefined;
  };
  const numberFlaw = ({ minimum = -Infinity, maximum = Infinity }, value, path) =>
    value < minimum || value > maximum ? `${path}: ${value} is out of range` : undefined;
  const stringFlaw = ({ minLength = 0, maxLength = Infinity, pattern }, value, path) => {
    if (pattern !== undefined && !regExpOf(pattern).test(value)) return `${path}: ${pattern}`;
    const isShort = value.length <= maxLength && value.length >= 2 * minLength;
    const length = isShort ? minLength : [...value].length;
    return length < minLength || length > maxLength ? `${path}: length ${length}` : undefined;
  };
  const listFlaw = ({ items, maxItems = Infinity }, value, path) => {
    if (value.length > maxItems) return `${path}: too many`;
    return first(items ? value : [], (each, index) => check(items, each, `${path}[${index}]`));
  };
  const objectFlaw = (schema, value, path) => {
    const { properties = {}, required = [], additionalProperties } = schema;
    const missing = required.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) return `${path}.${missing}: missing`;
    return first(Object.entries(value), ([name, each]) => {
      if (Object.hasOwn(properties, name)) return check(properties[name], each, `${path}.${name}`);
      return additionalProperties === false ? `${path}.${name}: unknown` : undefined;
    });
  };
  return check;
}

const types = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

function first(values, flawOf) {
  for (const [index, value] of values.entries()) {
    const flaw = flawOf(value, index);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** Without those for another method: most of what a line may be is that. */
function likely(schemas, value) {
  const method = types.object(value) ? value.method : undefined;
  return schemas.filter(({ properties }) => {
    const only = properties?.method?.const;
    return only === undefined || only === method;
  });
}

/** Of several that a value may be like, the one that it is most like: wrong deepest within. */
function closest(flaws, path) {
  const depth = (flaw) => flaw.split(/[.[]/).length;
  return flaws.reduce(
    (so, each) => (depth(each) > depth(so) ? each : so),
    `${path}: nothing known`,
  );
}
