// Preloaded: what Yarn's Plug'n'Play makes of Node's `fs`. Names are told as text, whatever is asked for, and a FileHandle is Yarn's,
// which cannot do everything.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { open, readdir, realpath } = fs.promises;
const notThere = () => {
  throw new Error('Method not implemented.');
};

Object.assign(fs.promises, {
  open: async (...args) => {
    const handle = await open(...args);
    return Object.assign(handle, {
      datasync: notThere,
      sync: notThere,
      utimes: notThere,
      readv: notThere,
    });
  },
  readdir: async (path, options) =>
    options?.encoding === 'buffer' ? readdir(path) : readdir(path, options),
  realpath: async (path) => realpath(path),
});
syncBuiltinESMExports();
