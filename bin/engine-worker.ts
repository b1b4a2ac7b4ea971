// The entry of the engine's thread: runs src/engine-thread/worker/engine-worker.ts by code that was compiled before. It must not do more.
import { join } from 'node:path';
import { createRunner } from '../src/code-cache/run-program.js';

createRunner(process.argv[2])(join(import.meta.dirname, 'engine.js'));
