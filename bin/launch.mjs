#!/usr/bin/env node
// What npm links the command to. It lies here before dist/ is built: npx in a checkout would otherwise remember for ever
// that there was no command.
import { existsSync } from 'node:fs';

const command = new URL('../dist/bin/bittorrent-helper.js', import.meta.url);
if (existsSync(command)) {
  await import(command.href);
} else {
  process.stderr.write('bittorrent-helper: this checkout is not built yet; run `npm ci` in it\n');
  process.exitCode = 2;
}
