// Writes down the dialect: docs/dialect.md, docs/schema.json and docs/openrpc.json, and what the Python client takes of it.
// `npm run schema`.
import { readFile, writeFile } from 'node:fs/promises';
import { readDialect } from './dialect.mjs';
import { jsonSchemaOf } from './json-schema.mjs';
import { openRpcOf } from './openrpc.mjs';
import { withPython } from './python.mjs';
import { withDialect } from './reference.mjs';

const docs = new URL('../../docs/', import.meta.url);
const python = new URL('../../clients/python/bittorrent_helper.py', import.meta.url);

/** What each file is to hold. */
export function dialectFiles(dialect, reference) {
  return {
    'dialect.md': withDialect(reference, dialect),
    'schema.json': json(jsonSchemaOf(dialect)),
    'openrpc.json': json(openRpcOf(dialect)),
  };
}

export async function writeDialect() {
  const reference = await readFile(new URL('dialect.md', docs), 'utf8');
  const dialect = await readDialect();
  for (const [name, text] of Object.entries(dialectFiles(dialect, reference))) {
    await writeFile(new URL(name, docs), text);
  }
  await writeFile(python, withPython(await readFile(python, 'utf8'), dialect));
}

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;

if (import.meta.filename === process.argv[1]) await writeDialect();
