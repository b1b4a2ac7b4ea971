// Where the engine's thread begins: the built workers lie in a folder beside that of this file. A file of its own, because
// vitest.config.ts puts another in its place where sources are tested.

export const engineWorkerUrl = new URL('../workers/engine-worker.js', import.meta.url);
