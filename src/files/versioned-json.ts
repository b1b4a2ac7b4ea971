// JSON files with a version in them: how they are written, so that a person can read them, and how they are read back,
// whatever a disk or somebody made of them.
import { createHash } from 'node:crypto';

/** A thousand lines take a millisecond or two. */
const itemsAtOnce = 1_000;

export type JsonFields = Readonly<Record<string, unknown>>;

/** What is wrong with a file: `message` follows its name, as in "is not JSON". */
export class FileFlaw extends Error {
  override readonly name = 'FileFlaw';
}

export function encodeVersioned(version: number, fields: JsonFields): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version, ...fields }, undefined, 2)}\n`);
}

/** With a checksum of all the rest. */
export function encodeChecked(version: number, fields: JsonFields): Uint8Array {
  return encodeVersioned(version, { ...fields, checksum: checksumOf({ version, ...fields }) });
}

/** The same with a long list as the last field, an item a line: so many items at a time. */
export function* encodeCheckedList<T>(
  version: number,
  fields: JsonFields,
  { name, items, describe }: { name: string; items: readonly T[]; describe: (item: T) => unknown },
): Generator<Uint8Array> {
  const head = { version, ...fields };
  const hash = createHash('sha256').update(`${JSON.stringify(head).slice(0, -1)},"${name}":[`);
  yield Buffer.from(`${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "${name}": [`);
  for (let from = 0; from < items.length; from += itemsAtOnce) {
    const some = items.slice(from, from + itemsAtOnce);
    const lines = some.map((item) => JSON.stringify(describe(item)));
    const separator = from > 0 ? ',' : '';
    hash.update(`${separator}${lines.join(',')}`);
    yield Buffer.from(`${separator}\n    ${lines.join(',\n    ')}`);
  }
  yield Buffer.from(`\n  ],\n  "checksum": "${hash.update(']}').digest('hex')}"\n}\n`);
}

/** The fields of the file, of one of these versions; what they are is still to be checked. Throws FileFlaw. */
export function decodeVersioned(bytes: Uint8Array, ...versions: readonly number[]): JsonFields {
  const fields = parse(bytes);
  if (!isFields(fields)) throw new FileFlaw('holds no JSON object');
  if (typeof fields.version !== 'number') throw new FileFlaw('has no version');
  if (!versions.includes(fields.version)) {
    const known = Math.max(...versions);
    throw new FileFlaw(`has version ${fields.version}, and this program knows version ${known}`);
  }
  const { checksum, ...rest } = fields;
  if (checksum !== undefined && checksum !== checksumOf(rest)) {
    throw new FileFlaw('does not match its checksum (who changes it by hand takes that out)');
  }
  return fields;
}

/** Of the values in their order, whatever lies between them: a person may have laid it out anew. */
function checksumOf(fields: JsonFields): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

export function isFields(value: unknown): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new FileFlaw(bytes.length === 0 ? 'is empty' : 'is not JSON', { cause: error });
  }
}
