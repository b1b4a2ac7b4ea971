// Stands in for src/engine-thread/host/own-url.ts, and for that of src/inspection/server, where sources are tested: these have no built
// engine, and no built page, beside them.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { HELPER_DIST = 'dist' } = process.env;
const dist = resolve(import.meta.dirname, '../../..', HELPER_DIST);

export const ownUrl: string | undefined = pathToFileURL(resolve(dist, 'src/index.js')).href;
export const builtEngineUrl: URL | undefined = pathToFileURL(
  resolve(dist, 'workers/engine-worker.cjs'),
);
export const builtPageUrl = pathToFileURL(`${dist}/inspector/`);
export const inspectorCodeUrl: string | undefined = ownUrl;
