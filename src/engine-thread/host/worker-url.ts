// Where the engine's thread begins: the built workers lie in a folder beside whatever folder holds this.

export const engineWorkerUrl = new URL('../workers/engine-worker.js', import.meta.url);
