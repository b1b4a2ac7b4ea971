// The tables of the README that are written from the code: options and error codes.

/** The document with its tables as the code is now. */
export function withReference(text, { optionTable, errorCodes }) {
  return section(
    section(text, 'options', optionsOf(optionTable)),
    'error codes',
    codesOf(errorCodes),
  );
}

/** The document with that between `<!-- name -->` and `<!-- end -->`, wherever it has such a place. */
export function section(text, name, content) {
  const place = new RegExp(`(<!-- ${name} -->\\n).*?(<!-- end -->)`, 's');
  return text.replace(place, (_, begin, end) => `${begin}${content}${end}`);
}

function optionsOf(optionTable) {
  const rows = optionTable.map(({ name, value, meaning, default: preset = '' }) => [
    `\`--${name}${value ? ` ${value.replaceAll('|', '\\|')}` : ''}\``,
    meaning,
    preset,
  ]);
  return tableOf(['option', 'meaning', 'default'], rows);
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
