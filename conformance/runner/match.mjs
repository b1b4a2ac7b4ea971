// Patterns: what a line is to look like. More may be there than a pattern names, but for lists.
//
//     {"$": "name"}             what was captured under that name
//     {"$capture": "name"}      anything, to be captured; with the rest of the pattern beside it, if there is more
//     {"$type": "integer"}      of that type: integer, string, boolean, object, list, null
//     {"$matches": "^a.*"}      a string like that
//     {"$least": 1, "$most": 9} a number in between
//     {"$oneOf": [1, null]}     one of these patterns
//     {"$without": ["name"]}    an object that does not have these
//     {"$items": pattern}       a list, each of which is like that
//     "…${name}…"               with what was captured in its place

/**
 * @param {unknown} pattern
 * @param {unknown} value
 * @param {ReadonlyMap<string, unknown>} captured
 * @returns {Map<string, unknown> | undefined} what it captures, if it matches
 */
export function match(pattern, value, captured) {
  const found = new Map();
  return matches(pattern, value, { captured, found }) ? found : undefined;
}

/** The value with what was captured in the places that name it. */
export function fill(value, captured) {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}/g, (whole, name) => captured.get(name) ?? whole);
  }
  if (Array.isArray(value)) return value.map((each) => fill(each, captured));
  if (!isObject(value)) return value;
  if (typeof value.$ === 'string') return captured.get(value.$);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, fill(each, captured)]),
  );
}

const conditions = {
  $capture: (name, value, { found }) => {
    found.set(name, value);
    return true;
  },
  $type: (type, value) => typeOf(value) === type,
  $matches: (pattern, value) => typeof value === 'string' && new RegExp(pattern, 'u').test(value),
  $least: (least, value) => typeof value === 'number' && value >= least,
  $most: (most, value) => typeof value === 'number' && value <= most,
  $oneOf: (patterns, value, names) => patterns.some((each) => matches(each, value, names)),
  $without: (keys, value) => isObject(value) && keys.every((key) => !Object.hasOwn(value, key)),
  $items: (pattern, value, names) =>
    Array.isArray(value) && value.every((each) => matches(pattern, each, names)),
};

function matches(pattern, value, names) {
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      value.length === pattern.length &&
      pattern.every((each, index) => matches(each, value[index], names))
    );
  }
  if (!isObject(pattern)) return fill(pattern, names.captured) === value;
  if (typeof pattern.$ === 'string') return isSame(names.captured.get(pattern.$), value);
  return Object.entries(pattern).every(([key, each]) => {
    const condition = Object.hasOwn(conditions, key) ? conditions[key] : undefined;
    if (condition) return condition(each, value, names);
    return isObject(value) && Object.hasOwn(value, key) && matches(each, value[key], names);
  });
}

function isSame(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return Number.isSafeInteger(value) ? 'integer' : typeof value;
}
