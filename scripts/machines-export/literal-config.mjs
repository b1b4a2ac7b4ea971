// A machine's config as plain data: what is computed is left out, and what is named keeps its name. XState makes the same graph of
// it, and it is all that an editor of statecharts can read.

/** What may be computed: it says with what, and never whither. */
const computed = new Set(['context', 'input', 'output', 'params']);

/** Where a name alone may stand. */
const references = new Set(['actions', 'entry', 'exit', 'guard']);

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @returns {Readonly<Record<string, unknown>>} what `createMachine` takes, of JSON alone
 */
export function literalConfig(machine) {
  return JSON.parse(JSON.stringify(literal(machine.config, machine.id)));
}

function literal(value, where) {
  if (typeof value === 'function') {
    throw new Error(`${where} is a function without a name: declare it in setup(), and name it`);
  }
  if (Array.isArray(value)) return value.map((each, index) => literal(each, `${where}.${index}`));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(
    ([key, each]) => typeof each !== 'function' || !computed.has(key),
  );
  return Object.fromEntries(
    fields.map(([key, each]) => {
      const plain = literal(each, `${where}.${key}`);
      return [key, references.has(key) ? named(plain) : plain];
    }),
  );
}

/** Of what has nothing but a type, the type. */
function named(reference) {
  if (Array.isArray(reference)) return reference.map(named);
  const isBare = typeof reference === 'object' && Object.keys(reference).join() === 'type';
  return isBare ? reference.type : reference;
}
