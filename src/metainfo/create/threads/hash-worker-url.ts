// Where a hashing thread begins: the built workers lie in a folder beside whatever folder holds this.

export const hashWorkerUrl = new URL('../workers/hash-worker.js', import.meta.url);
