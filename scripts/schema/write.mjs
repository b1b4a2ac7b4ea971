// Writes down the dialect: docs/dialect.md, docs/schema.json and docs/openrpc.json. `npm run schema`.
import { readFile, writeFile } from 'node:fs/promises';
import { readDialect } from './dialect.mjs';
import { jsonSchemaOf } from './json-schema.mjs';
import { openRpcOf } from './openrpc.mjs';
import { withDialect } from './reference.mjs';

const docs = new URL('../../docs/', import.meta.url);

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
  for (const [name, text] of Object.entries(dialectFiles(await readDialect(), reference))) {
    await writeFile(new URL(name, docs), text);
  }
}

const json = (value) => `${JSON.stringify(value, undefined, 2)}\n`;

if (import.meta.filename === process.argv[1]) await writeDialect();
