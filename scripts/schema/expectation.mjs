// What a schema expects, in the words of a message: "an integer from 1 to 100".

/** @returns {string} */
export function expectationOf(schema) {
  if (schema.anyOf) return schema.anyOf.map(expectationOf).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `an integer${range(schema.minimum, schema.maximum, Number.MAX_SAFE_INTEGER)}`;
    case 'number':
      return 'a number';
    case 'string':
      return stringOf(schema);
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return `a list${range(undefined, schema.maxItems, Number.POSITIVE_INFINITY)}, each ${expectationOf(schema.items)}`;
    default:
      return 'an object';
  }
}

function stringOf({ minLength, maxLength, contentEncoding, pattern }) {
  if (contentEncoding) return `a string in ${contentEncoding}`;
  const length = maxLength
    ? ` of ${minLength === undefined ? 'up' : minLength} to ${maxLength} characters`
    : minLength
      ? ' that is not empty'
      : '';
  return `a string${length}${pattern?.includes('\\0') ? ', without a NUL' : ''}`;
}

function range(least, most, endless) {
  const isEndless = most === undefined || most >= endless;
  const from = least === undefined || least <= -endless ? undefined : least;
  if (isEndless) return from === undefined ? '' : ` of at least ${from}`;
  return from === undefined ? ` of at most ${most}` : ` from ${from} to ${most}`;
}
