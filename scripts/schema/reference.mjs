// The tables of docs/dialect.md.
import { section, tableOf } from '../reference-section.mjs';
import { expectationOf } from './expectation.mjs';

/**
 * The document with its tables as the schema is now.
 * @param {string} text
 * @param {typeof import('./dialect.mjs')} dialect
 */
export function withDialect(text, dialect) {
  const { methods, notifications, fromClient, capabilities, errorNumbers, errorCodes } = dialect;
  const parts = {
    methods: Object.entries(methods).map(methodOf).join(''),
    notifications: Object.entries(notifications).map(notificationOf).join(''),
    'client notifications': Object.entries(fromClient).map(notificationOf).join(''),
    types: typesOf(dialect),
    capabilities: tableOf(
      ['capability', 'what it means'],
      Object.entries(capabilities).map(([name, meaning]) => [code(name), meaning]),
    ),
    'error numbers': tableOf(
      ['number', 'when'],
      Object.values(errorNumbers).map(({ number, message }) => [code(number), message]),
    ),
    'error codes': tableOf(
      ['code', 'meaning'],
      Object.entries(errorCodes).map(([name, meaning]) => [code(name), meaning]),
    ),
  };
  return Object.entries(parts).reduce((so, [name, part]) => section(so, name, part), text);
}

const code = (text) => `\`${text}\``;

function methodOf([name, { summary, changes, params, result }]) {
  const shapes = params.anyOf ?? [params];
  const taken = shapes.map((shape) => fieldsOf(shape)).join('\nor\n\n');
  const needs = changes ? ' Needs `control`.' : '';
  return `### ${code(name)}\n\n${summary}${needs}\n\n${taken || 'No params.\n'}\n${answerOf(result)}\n`;
}

function answerOf(result) {
  if (result.title && result.title !== 'Created') return `Answers ${kindOf(result)}.\n`;
  const fields = fieldsOf(result);
  return fields === '' ? 'Answers `{}`.\n' : `Answers:\n\n${fields}`;
}

function notificationOf([name, { summary, params }]) {
  const shown = params.title
    ? `Its params are ${kindOf(params)}.\n`
    : fieldsOf(params, ['seq', 'timeMs']);
  return `### ${code(name)}\n\n${summary}\n\n${shown === '' ? 'Nothing more.\n' : shown}\n`;
}

/** Of everything with a name of its own that has fields. */
function typesOf({ titled }) {
  return titled
    .map((schema) => {
      const fields = schema.properties
        ? fieldsOf(schema)
        : `${code((schema.enum ?? []).join('`, `'))}\n`;
      return `### ${schema.title}\n\n${schema.description}\n\n${fields}\n`;
    })
    .join('');
}

function fieldsOf({ properties = {}, required = [] }, leftOut = []) {
  const rows = Object.entries(properties)
    .filter(([name]) => !leftOut.includes(name))
    .map(([name, schema]) => [
      `${code(name)}${required.includes(name) ? '' : '?'}`,
      kindOf(schema),
      schema.description ?? '',
    ]);
  return rows.length === 0 ? '' : tableOf(['name', 'what', 'meaning'], rows);
}

function kindOf(schema) {
  if (schema.title === 'ErrorCode') return '[a code](#errors)';
  if (schema.title) return `[${schema.title}](#${schema.title.toLowerCase()})`;
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(' or ');
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${kindOf(schema.items)}`;
  return expectationOf(schema).replace(/ of at least [01]$/, '');
}
