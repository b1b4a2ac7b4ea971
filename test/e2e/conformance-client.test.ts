// The conformance kit against the clients of this package: of Node as it is built, and of Python.
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';
import { playClient } from '../../conformance/runner/play-client.mjs';
import { readTranscripts } from '../../conformance/runner/transcript.mjs';
import { readSchema } from '../../conformance/runner/valid.mjs';
import { hasProgram } from '../support/processes/has-program.js';

const folder = join(import.meta.dirname, '../../conformance');
const transcripts = readTranscripts(pathToFileURL(join(folder, 'client/')));
const schema = readSchema(pathToFileURL(join(folder, '../docs/schema.json')));
const titled = transcripts.map((each) => [each.head.title, each] as const);

describe.concurrent('the client for Node, by the conformance kit', () => {
  it.each(titled)('holds: %s', { timeout: 60_000 }, async (_, transcript) => {
    await playClient(transcript, [execPath, join(folder, 'drivers/node.mjs')], schema);
  });
});

describe.skipIf(!hasProgram('python3'))(
  'the client for Python, by the conformance kit',
  { concurrent: true },
  () => {
    it.each(titled)('holds: %s', { timeout: 60_000 }, async (_, transcript) => {
      await playClient(transcript, ['python3', join(folder, 'drivers/python.py')], schema);
    });
  },
);
