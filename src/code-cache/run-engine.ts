// The entry of the engine's thread where code is cached: runs the engine's file by code that was compiled before. It must not do more.
import { argv } from 'node:process';
import { createRunner } from './run-program.js';

// Whether something stands before them depends on what Node takes such a source for.
const [folder, engineFile = ''] = argv.slice(-2);
createRunner(folder)(engineFile);
