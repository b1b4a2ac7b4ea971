// Preloaded (NODE_OPTIONS=--require=…): the engine is loaded when the file that ENGINE_DELAY names is gone; with ENGINE_BREAKS,
// never.
const { existsSync } = require('node:fs');
const vm = require('node:vm');
const { isMainThread } = require('node:worker_threads');

const { Script } = vm;
const clock = new Int32Array(new SharedArrayBuffer(4));

if (!isMainThread) {
  vm.Script = class extends Script {
    constructor(source, options) {
      while (existsSync(process.env.ENGINE_DELAY)) Atomics.wait(clock, 0, 0, 5);
      if (process.env.ENGINE_BREAKS) throw new Error('this thread cannot begin');
      super(source, options);
    }
  };
}
