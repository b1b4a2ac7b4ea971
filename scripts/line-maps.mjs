// Source maps of lines: an esbuild plugin that keeps of each map what a stack trace asks for, which line of our sources
// it was, and drops columns, names and the lines of libraries. A tenth of the size, so that they can come with the package.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** @returns {import('esbuild').Plugin} */
export function lineMaps() {
  return {
    name: 'line-maps',
    setup({ initialOptions, onEnd }) {
      Object.assign(initialOptions, { sourcemap: true, sourcesContent: false });
      onEnd(async ({ metafile }) => {
        const maps = Object.keys(metafile?.outputs ?? {}).filter((path) => path.endsWith('.map'));
        for (const path of maps.map((each) => join(initialOptions.absWorkingDir ?? '.', each))) {
          await writeFile(path, JSON.stringify(linesOf(JSON.parse(await readFile(path, 'utf8')))));
        }
      });
    },
  };
}

/** The map with one mapping for each line of our sources within a line of the bundle. */
export function linesOf({ version, sources, mappings }) {
  const isOurs = sources.map((source) => !source.includes('node_modules/'));
  const kept = sources.filter((_, index) => isOurs[index]);
  const numberOf = sources.map((source) => kept.indexOf(source));
  const at = { source: 0, line: 0, column: 0 };
  const said = { source: 0, line: 0 };
  const lines = mappings.split(';').map((segments) => {
    at.column = 0;
    let saidColumn = 0;
    let last = '';
    const line = [];
    for (const segment of segments === '' ? [] : segments.split(',')) {
      const [column = 0, source, row] = decode(segment);
      at.column += column;
      if (source === undefined || row === undefined) continue;
      at.source += source;
      at.line += row;
      const place = isOurs[at.source] ? `${at.source}:${at.line}` : '';
      if (place === last) continue;
      last = place;
      const column0 = at.column - saidColumn;
      saidColumn = at.column;
      if (place === '') {
        line.push(encode([column0]));
        continue;
      }
      const number = numberOf[at.source] ?? 0;
      line.push(encode([column0, number - said.source, at.line - said.line, 0]));
      Object.assign(said, { source: number, line: at.line });
    }
    return line.join(',');
  });
  return { version, sources: kept, names: [], mappings: lines.join(';') };
}

/** Base 64 VLQ: five bits a digit, the lowest first, the sixth says that more follow; of the whole, the lowest bit is the sign. */
function decode(segment) {
  const numbers = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = digits.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}

function encode(numbers) {
  return numbers.map(encodeNumber).join('');
}

function encodeNumber(number) {
  let rest = number < 0 ? (-number << 1) | 1 : number << 1;
  let text = '';
  do {
    const more = rest >> 5;
    text += digits[(rest & 31) | (more > 0 ? 32 : 0)];
    rest = more;
  } while (rest > 0);
  return text;
}
