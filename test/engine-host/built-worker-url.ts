// Stands in for src/engine-host/worker-url.ts where sources are tested: they have no built worker beside them.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { HELPER_DIST = 'dist' } = process.env;
const root = resolve(import.meta.dirname, '../..');

export const engineWorkerUrl = pathToFileURL(resolve(root, HELPER_DIST, 'engine-worker.js'));
