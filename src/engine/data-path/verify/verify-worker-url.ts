// Where a verifying thread begins: the built workers lie in a folder beside whatever folder holds this.

export const verifyWorkerUrl = new URL('../workers/verify-worker.js', import.meta.url);
