// Where this code lies, or the program that it was bundled into; and where the build has put the engine's file, seen from there.
// A file of its own, because vitest.config.ts puts another in its place where sources are tested.
import { pathToFileURL } from 'node:url';

/** In CommonJS that was bundled by others there may be no `import.meta.url`. Undefined: nobody knows. */
export const ownUrl: string | undefined =
  import.meta.url ?? (typeof __filename === 'string' ? pathToFileURL(__filename).href : undefined);

/** Written so that a bundler which knows of such files (webpack) takes it along. */
export const builtEngineUrl: URL | undefined =
  ownUrl === undefined || import.meta.url === undefined
    ? undefined
    : new URL('../workers/engine-worker.cjs', import.meta.url);
