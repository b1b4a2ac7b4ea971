// What the Python client takes from the schema: an exception for each code, and what is told of jobs and helpers as dataclasses.

/** What a program may meet, by the name that it has in Python, and what stands for it in the dialect. */
const classes = {
  Failure: 'Why something failed.',
  Job: 'All that is known of a job; what is not known is None.',
  Progress: 'What was measured of a job last.',
  Stats: 'Totals of all jobs.',
  Description: 'How a helper introduces itself.',
};

const begin = '# --- written by `npm run schema`\n';
const end = '# --- end of what is written by `npm run schema`\n';

/** @param {any} dialect */
export function withPython(text, { errorCodes, notifications, titled }) {
  const named = new Map(titled.map((schema) => [schema.title, schema]));
  const schemas = {
    ...{ Failure: named.get('Failure'), Job: named.get('Job') },
    Progress: notifications['job.progress'].params,
    ...{ Stats: named.get('Stats'), Description: named.get('Description') },
  };
  const parts = [
    `State = Literal[\n${valuesOf(named.get('JobState'))
      .map((each) => `    ${quoted(each)},\n`)
      .join('')}]\n`,
    ...Object.entries(schemas).map(([name, each]) => dataclass(name, each)),
    ...Object.entries(errorCodes).map(exception),
    errorTable(Object.keys(errorCodes)),
  ];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error('the Python client has no section for the schema');
  const written = parts.join('\n\n').replace(/^.{121,}$/gm, '$&  # noqa: E501');
  return `${text.slice(0, from)}${begin}\n${written}\n\n${text.slice(to)}`;
}

/** Of no use to a program: they are those of a message, or stand for themselves elsewhere. */
const leftOut = new Set(['seq', 'timeMs', 'progress']);

function dataclass(name, { properties, required = [] }) {
  const fields = Object.entries(properties)
    .filter(([key]) => !leftOut.has(key))
    .map(([key, schema]) => {
      const type = typeOf(schema);
      const isAlways = required.includes(key) || type.endsWith(' | None');
      const about =
        schema.description === undefined ? '' : `    """${inPython(schema.description)}"""\n`;
      return `    ${inSnakeCase(key)}: ${isAlways ? type : `${type} | None`}\n${about}`;
    });
  return `@dataclass(frozen=True)\nclass ${names[name] ?? name}:\n    """${classes[name]}"""\n\n${fields.join('')}`;
}

/** In the words of the other language. */
const inPython = (text) =>
  text
    .replaceAll('’', "'")
    .replaceAll('`', '')
    .replace(/\bnull\b/g, 'None');

const names = { Job: 'JobInfo' };

function exception([code, meaning]) {
  const sentence = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`;
  return `class ${exceptionName(code)}(HelperError):\n    """${inPython(sentence)}"""\n\n    code = ${quoted(code)}\n`;
}

function errorTable(codes) {
  const lines = codes.map((code) => `        ${exceptionName(code)},\n`);
  return `_ERRORS: dict[str, type[HelperError]] = {\n    each.code: each\n    for each in (\n${lines.join('')}    )\n}\n`;
}

function exceptionName(code) {
  const words = code.toLowerCase().split('_');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Error`;
}

const inSnakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const quoted = (text) => JSON.stringify(text);

function typeOf(schema) {
  if (schema.title === 'JobState') return 'State';
  if (schema.title === 'Failure') return 'Failure';
  // A newer helper may have more of them.
  if (schema.title === 'ErrorCode') return 'str';
  if (schema.anyOf) {
    const others = schema.anyOf.filter(({ type }) => type !== 'null');
    const type = others.length === 1 ? typeOf(others[0]) : 'Any';
    return others.length < schema.anyOf.length ? `${type} | None` : type;
  }
  if (schema.enum) return `Literal[${schema.enum.map(quoted).join(', ')}]`;
  switch (schema.type) {
    case 'string':
      return 'str';
    case 'integer':
      return 'int';
    case 'boolean':
      return 'bool';
    case 'array':
      return `list[${typeOf(schema.items)}]`;
    default:
      return 'dict[str, Any]';
  }
}

const valuesOf = (schema) => schema.enum ?? schema.anyOf.map((each) => each.const);
