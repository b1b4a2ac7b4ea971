// Vitest's setup, beside scripts/one-bencode.mjs: what is CommonJS requires our bencode, too. Node loads it by itself,
// so it is put where Node looks first.
import Module, { createRequire } from 'node:module';
import bencode from '../../../src/metainfo/bencode-package.js';

const require = createRequire(import.meta.url);
const path = createRequire(require.resolve('k-rpc-socket')).resolve('bencode');
const standIn = new Module(path);
standIn.exports = bencode;
standIn.loaded = true;
require.cache[path] = standIn;
