// Stands in for the three modules that say where built workers lie, where sources are tested: these have none beside them.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { HELPER_DIST = 'dist' } = process.env;
const workers = resolve(import.meta.dirname, '../../..', HELPER_DIST, 'workers');

export const engineWorkerUrl = pathToFileURL(resolve(workers, 'engine-worker.js'));
export const hashWorkerUrl = pathToFileURL(resolve(workers, 'hash-worker.js'));
export const verifyWorkerUrl = pathToFileURL(resolve(workers, 'verify-worker.js'));
