// The tables of the README that are written from the code: options, commands and error codes.

/** The document with its tables as the code is now. */
export function withReference(text, { optionTable, commandTable, errorCodes }) {
  const tables = {
    options: optionsOf(optionTable),
    commands: commandsOf(commandTable),
    'error codes': codesOf(errorCodes),
  };
  return Object.entries(tables).reduce((so, [name, table]) => section(so, name, table), text);
}

/** The document with that between `<!-- name -->` and `<!-- end -->`, wherever it has such a place. */
export function section(text, name, content) {
  const place = new RegExp(`(<!-- ${name} -->\\n).*?(<!-- end -->)`, 's');
  return text.replace(place, (_, begin, end) => `${begin}${content}${end}`);
}

function optionsOf(optionTable) {
  const rows = optionTable.map(({ name, value, optionalValue, meaning, default: preset = '' }) => {
    const given = optionalValue ? `[=${optionalValue}]` : value ? ` ${value}` : '';
    return [`\`--${name}${given.replaceAll('|', '\\|')}\``, meaning, preset];
  });
  return tableOf(['option', 'meaning', 'default'], rows);
}

function commandsOf(commandTable) {
  const rows = commandTable.map(({ name, operands, meaning, options }) => {
    const flags = Object.keys(options).map((option) => `\`--${option}\``);
    return [
      `\`${`${name} ${operands}`.trim().replaceAll('|', '\\|')}\``,
      meaning,
      flags.join(', '),
    ];
  });
  return tableOf(['command', 'what it does', 'its options'], rows);
}

function codesOf(errorCodes) {
  return tableOf(
    ['code', 'meaning'],
    Object.entries(errorCodes).map(([code, meaning]) => [`\`${code}\``, meaning]),
  );
}

export function tableOf(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
