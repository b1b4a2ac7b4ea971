// Preloaded (NODE_OPTIONS=--require=…): writes down, in the file that CODE_WATCH names, how each bundle was compiled, a
// line for each: its file's name, and whether V8 was given compiled code and took it.
const { appendFileSync } = require('node:fs');
const { basename } = require('node:path');
const vm = require('node:vm');

const { Script } = vm;
vm.Script = class extends Script {
  constructor(source, options) {
    super(source, options);
    const took = this.cachedDataRejected === false ? 'taken' : 'rejected';
    const how = options?.cachedData === undefined ? 'plain' : took;
    appendFileSync(process.env.CODE_WATCH, `${basename(options.filename)} ${how}\n`);
  }
};
