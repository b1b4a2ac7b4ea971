// The conformance kit against the helper as it is built.

import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';
import { playHelper } from '../../conformance/runner/play-helper.mjs';
import { readTranscripts } from '../../conformance/runner/transcript.mjs';
import { readSchema } from '../../conformance/runner/valid.mjs';

const root = join(import.meta.dirname, '../..');
const transcripts = readTranscripts(pathToFileURL(join(root, 'conformance/helper/')));
const schema = readSchema(pathToFileURL(join(root, 'docs/schema.json')));
const command = [execPath, join(root, 'dist/bin/bittorrent-helper.js'), '--json'];

describe.concurrent('the helper, by the conformance kit', () => {
  it.each(transcripts.map((each) => [each.head.title, each] as const))(
    'holds: %s',
    { timeout: 60_000 },
    async (_, transcript) => {
      await playHelper(transcript, command, schema);
    },
  );
});
