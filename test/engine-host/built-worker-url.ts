// Stands in for src/engine-host/worker-url.ts and src/engine/data-path/verify-worker-url.ts where sources are tested:
// they have no built workers beside them.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { HELPER_DIST = 'dist' } = process.env;
const workers = resolve(import.meta.dirname, '../..', HELPER_DIST, 'workers');

export const engineWorkerUrl = pathToFileURL(resolve(workers, 'engine-worker.js'));
export const verifyWorkerUrl = pathToFileURL(resolve(workers, 'verify-worker.js'));
