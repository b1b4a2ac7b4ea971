// Where the engine's thread begins: the built worker lies one level above whatever holds this.

export const engineWorkerUrl = new URL('../engine-worker.js', import.meta.url);
