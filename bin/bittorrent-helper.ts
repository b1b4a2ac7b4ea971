#!/usr/bin/env node
// The entry of the process: runs the command, bin/command.ts, by code that was compiled before. It must not do more.
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { codeFolder, stateDirOf } from '../src/code-cache/code-folder.js';
import { optimiseLate } from '../src/code-cache/job-rush.js';
import { createRunner } from '../src/code-cache/run-program.js';

// The HTTP client parses with a little WebAssembly. To optimise it takes 25 MiB for a moment, and gains nothing here.
// Before anything is compiled: what V8 has cached is of use under the same flags alone.
setFlagsFromString('--liftoff-only');
optimiseLate(process.versions.v8);

createRunner(codeFolder(stateDirOf(process.argv.slice(2))))(
  join(import.meta.dirname, 'command.js'),
);
