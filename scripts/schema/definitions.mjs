// Schemas that have a title are written once, and referred to by it.

/**
 * @param {string} base where definitions stand, such as `#/$defs/`
 */
export function createDefinitions(base) {
  /** @type {Map<string, object>} */
  const found = new Map();

  const refer = (value) => {
    if (Array.isArray(value)) return value.map(refer);
    if (typeof value !== 'object' || value === null) return value;
    const { title, ...rest } = value;
    // A property may have that name, too; its value is a schema, and no string.
    if (typeof title !== 'string') return within(value);
    if (!found.has(title)) {
      found.set(title, undefined);
      found.set(title, within(rest));
    }
    return { $ref: base + title };
  };
  const within = (schema) =>
    Object.fromEntries(Object.entries(schema).map(([key, each]) => [key, refer(each)]));

  return {
    refer,
    /** By name; those that were referred to so far. */
    all() {
      return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}
