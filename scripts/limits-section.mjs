// The tables of docs/limits.md, written from src/limits.ts: what each is, how much, and the reason beside it in the code.
import { section } from './reference-section.mjs';

/**
 * @param {string} text the document
 * @param {string} source the code of src/limits.ts
 * @param {Readonly<Record<string, Readonly<Record<string, number>>>>} limits what it exports
 */
export function withLimits(text, source, limits) {
  return section(text, 'limits', limitsOf(source, limits));
}

const group = /\/\*\* ([^*]+) \*\/\nexport const (\w+) = \{\n(.*?)\n\} as const;/gs;
const limit = /\/\*\*\s+([^/]+?)\s*\*\/\s+(\w+):/g;

/** Groups and their limits, in the order of the code. */
export function limitsOf(source, limits) {
  return [...source.matchAll(group)]
    .map(([, what, name, body]) => {
      const rows = [...body.matchAll(limit)].map(
        ([, why, key]) => `| \`${key}\` | ${shown(key, limits[name][key])} | ${oneLine(why)} |\n`,
      );
      return `## ${withoutEnd(oneLine(what))}\n\n| limit | at most | what, and why |\n|---|---|---|\n${rows.join('')}\n`;
    })
    .join('');
}

function oneLine(comment) {
  return comment.replace(/\s*\n\s*\*?\s*/g, ' ');
}

function withoutEnd(sentence) {
  return sentence.replace(/\.$/, '');
}

function shown(key, value) {
  if (/Bytes$/.test(key))
    return inUnits(value, [
      ['MiB', 2 ** 20],
      ['KiB', 2 ** 10],
      ['bytes', 1],
    ]);
  if (/Ms$/.test(key))
    return inUnits(value, [
      ['h', 3.6e6],
      ['min', 6e4],
      ['s', 1e3],
      ['ms', 1],
    ]);
  return value.toLocaleString('en-US');
}

function inUnits(value, units) {
  const [unit, size] = units.find(([, each]) => value % each === 0) ?? ['', 1];
  return `${(value / size).toLocaleString('en-US')} ${unit}`;
}
