#!/usr/bin/env node
// Holds a helper, or a client, against the JSON dialect. Node and nothing else.
//
//     node conformance/run.mjs helper [--only NAME] -- bittorrent-helper --json
//     node conformance/run.mjs client [--only NAME] -- node conformance/drivers/node.mjs
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { playClient } from './runner/play-client.mjs';
import { playHelper } from './runner/play-helper.mjs';
import { readTranscripts } from './runner/transcript.mjs';
import { readSchema } from './runner/valid.mjs';

const usage = 'usage: run.mjs helper|client [--only NAME] -- COMMAND [ARGUMENT …]\n';
const players = { helper: playHelper, client: playClient };

process.exitCode = await run(process.argv.slice(2));

async function run(args) {
  const end = args.indexOf('--');
  const [kind = '', ...options] = args.slice(0, end);
  const command = args.slice(end + 1).map(found);
  const only = options[0] === '--only' ? options[1] : undefined;
  const isUsage = options.length === (only === undefined ? 0 : 2);
  if (end < 0 || !Object.hasOwn(players, kind) || command.length === 0 || !isUsage) {
    process.stderr.write(usage);
    return 2;
  }
  const schema = readSchema(new URL('../docs/schema.json', import.meta.url));
  const transcripts = readTranscripts(new URL(`${kind}/`, import.meta.url), only);
  let failed = 0;
  for (const transcript of transcripts) {
    const { name, head } = transcript;
    try {
      await players[kind](transcript, command, schema);
      process.stdout.write(`ok ${name}: ${head.title}\n`);
    } catch (error) {
      failed += 1;
      process.stdout.write(`FAILED ${name}: ${head.title}\n${error.message}\n`);
    }
  }
  process.stdout.write(`${transcripts.length - failed} of ${transcripts.length} passed\n`);
  return failed === 0 && transcripts.length > 0 ? 0 : 1;
}

/** A path from here: the command is run in other folders. */
function found(word) {
  return /[\\/]/.test(word) && existsSync(word) ? resolve(word) : word;
}
