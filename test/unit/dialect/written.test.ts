import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../scripts/schema/dialect.mjs';
import { withPython } from '../../../scripts/schema/python.mjs';
import { dialectFiles } from '../../../scripts/schema/write.mjs';
import * as failure from '../../../src/dialect/schema/failure.js';
import * as helper from '../../../src/dialect/schema/helper.js';
import * as job from '../../../src/dialect/schema/job.js';
import * as messages from '../../../src/dialect/schema/messages.js';
import * as methods from '../../../src/dialect/schema/methods.js';
import * as notifications from '../../../src/dialect/schema/notifications.js';
import { errorCodes } from '../../../src/errors.js';

const docs = join(import.meta.dirname, '../../../docs');
const read = (name: string) => readFile(join(docs, name), 'utf8');
const parts = { methods, notifications, messages, job, helper, failure, errorCodes };

/** Every `$ref` of a document. */
function refsOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === '$ref' && typeof each === 'string' ? [each] : refsOf(each),
  );
}

function at(document: unknown, ref: string): unknown {
  const path = ref.replace('#/', '').split('/');
  return path.reduce<unknown>(
    (so, name) =>
      typeof so === 'object' && so !== null ? new Map(Object.entries(so)).get(name) : undefined,
    document,
  );
}

describe('what is written down of the dialect', () => {
  it('is what the schema says', async () => {
    const files = dialectFiles(dialectOf(parts), await read('dialect.md'));
    for (const [name, text] of Object.entries(files)) expect(await read(name), name).toBe(text);
  });

  it('is in the Python client, too', async () => {
    const client = await read('../clients/python/bittorrent_helper.py');
    expect(client).toContain('class TorrentNotFoundError(HelperError):');
    expect(client).toContain('    down_bytes_per_second: int');
    expect(client).toBe(withPython(client, dialectOf(parts)));
  });

  it('names every method, notification, error and capability in the reference', async () => {
    const text = await read('dialect.md');
    const names = [
      ...Object.keys({
        ...methods.methods,
        ...notifications.notifications,
        ...notifications.fromClient,
      }),
      ...Object.keys({ ...errorCodes, ...helper.capabilities }),
    ];
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it.each(['schema.json', 'openrpc.json'])(
    'refers to nothing that is not there: %s',
    async (name) => {
      const document: unknown = JSON.parse(await read(name));
      const refs = refsOf(document);
      expect(refs.length).toBeGreaterThan(20);
      expect(refs.filter((ref) => at(document, ref) === undefined)).toEqual([]);
    },
  );

  it('tells lines of the dialect from others, for any reader of JSON Schema 2020-12', async () => {
    const isLine = new Ajv2020({ strict: true, strictTypes: false }).compile(
      JSON.parse(await read('schema.json')),
    );
    const call = { jsonrpc: '2.0', id: 'a', method: 'job.get', params: { id: 1 } };
    const warning = { code: 'DISK_FULL', message: 'full', retryable: true, help: 'Make room.' };
    const told = { seq: 1, timeMs: 2, id: 3, key: null, error: warning };
    expect(isLine(call)).toBe(true);
    expect(isLine({ ...call, params: {} })).toBe(false);
    expect(isLine({ ...call, method: 'job.got' })).toBe(false);
    expect(isLine({ jsonrpc: '2.0', id: 1, method: 'helper.stats' })).toBe(true);
    expect(isLine({ jsonrpc: '2.0', method: 'job.warning', params: told })).toBe(true);
    expect(
      isLine({ jsonrpc: '2.0', method: 'job.warning', params: { ...told, key: undefined } }),
    ).toBe(false);
    expect(isLine({ jsonrpc: '2.0', id: 1, result: {} })).toBe(true);
    expect(isLine({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'no JSON' } })).toBe(
      true,
    );
    expect(isLine({ jsonrpc: '2.0', method: '$/cancel', params: { id: 'a' } })).toBe(true);
  });
});
