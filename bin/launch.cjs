#!/usr/bin/env node
// What npm links the command to. It lies here before dist/ is built: npx in a checkout would otherwise remember for ever
// that there was no command. CommonJS, because Node starts it sooner.
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const command = join(__dirname, '../dist/bin/bittorrent-helper.js');
if (existsSync(command)) {
  require(command);
} else {
  process.stderr.write('bittorrent-helper: this checkout is not built yet; run `npm ci` in it\n');
  process.exitCode = 2;
}
