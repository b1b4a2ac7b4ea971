// Plain data as the source text of a program, in lines as a formatter would break them. What it holds may come from strangers:
// whatever it is, it stays a literal.
import type { PlainValue } from '../../told/records.js';

const longestLine = 100;

/** Told from data by its class, which nothing that was parsed has. */
export class SourceName {
  /** `argument`: it is a function, called with that. */
  constructor(
    readonly name: string,
    readonly argument?: SourceValue | undefined,
  ) {}
}

export type SourceValue =
  | PlainValue
  | SourceName
  | readonly SourceValue[]
  | { readonly [key: string]: SourceValue };

/** `indent`: of the line that it begins in; `taken`: so many characters of that line are taken already. */
export function sourceText(value: SourceValue, indent = '', taken = 0): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof SourceName) {
    const { name, argument } = value;
    if (argument === undefined) return name;
    return `${name}(${sourceText(argument, indent, taken + name.length + 2)})`;
  }
  const line = inOneLine(value);
  if (indent.length + taken + line.length <= longestLine || /^(\[\]|\{\})$/.test(line)) return line;
  const inner = `${indent}  `;
  if (isList(value)) {
    const items = value.map((each) => `${inner}${sourceText(each, inner, 1)},\n`);
    return `[\n${items.join('')}${indent}]`;
  }
  const fields = Object.entries(value).map(([key, each]) => {
    const text = sourceText(each, inner, keyText(key).length + 3);
    const isTooLong = inner.length + keyText(key).length + text.length + 3 > longestLine;
    const gap = isTooLong && typeof each === 'string' ? `\n${inner}  ` : ' ';
    return `${inner}${keyText(key)}:${gap}${text},\n`;
  });
  return `{\n${fields.join('')}${indent}}`;
}

function inOneLine(value: SourceValue): string {
  if (typeof value !== 'object' || value === null) return sourceText(value);
  if (value instanceof SourceName) {
    return value.argument === undefined
      ? value.name
      : `${value.name}(${inOneLine(value.argument)})`;
  }
  if (isList(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const fields = Object.entries(value).map(([key, each]) => `${keyText(key)}: ${inOneLine(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function isList(value: object): value is readonly SourceValue[] {
  return Array.isArray(value);
}

function keyText(key: string): string {
  // As a key of a literal it would be the prototype.
  if (key === '__proto__') return `[${quoted(key)}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}

/** What turns the order of what is written, ends a line, or is not seen: a program is to be what it looks like. */
const turning = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replace(turning, escaped)}'`;
}
