// JSON files with a version in them: how they are written, so that a person can read them, and how they are read back,
// whatever somebody made of them.

export type JsonFields = Readonly<Record<string, unknown>>;

/** What is wrong with a file: `message` follows its name, as in "is not JSON". */
export class FileFlaw extends Error {
  override readonly name = 'FileFlaw';
}

export function encodeVersioned(version: number, fields: JsonFields): Uint8Array {
  return Buffer.from(`${JSON.stringify({ version, ...fields }, undefined, 2)}\n`);
}

/** The fields of the file; what they are is still to be checked. Throws FileFlaw. */
export function decodeVersioned(bytes: Uint8Array, version: number): JsonFields {
  const fields = parse(bytes);
  if (!isFields(fields)) throw new FileFlaw('holds no JSON object');
  if (fields.version !== version) {
    throw new FileFlaw(
      typeof fields.version === 'number'
        ? `has version ${fields.version}, and this program knows version ${version}`
        : 'has no version',
    );
  }
  return fields;
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
