// How our programs are bundled, with the BitTorrent libraries inside.
import { leaveOut } from './left-out.mjs';
import { oneBencode } from './one-bencode.mjs';

/** @satisfies {import('esbuild').BuildOptions} */
export const bundling = {
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Bundled CommonJS asks for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [leaveOut(), oneBencode()],
  logLevel: 'warning',
};
