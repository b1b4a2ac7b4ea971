import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { oneBencodeInTests } from './scripts/one-bencode.mjs';

export default defineConfig({
  plugins: [oneBencodeInTests()],
  // The threads are started from a build, also where the sources are tested.
  resolve: {
    alias: [
      {
        find: /^\.\/(?:verify-|hash-)?worker-url\.js$/,
        replacement: join(import.meta.dirname, 'test/support/engine/built-worker-url.ts'),
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    testTimeout: 30_000,
    // Nothing a test does may touch, or trust, what this user's own helpers keep.
    env: { XDG_STATE_HOME: join(tmpdir(), `bittorrent-helper-tests-${process.pid}`) },
    hookTimeout: 30_000,
    // Stories of many processes can be late once on a machine that others use too; a test that was retried says so.
    retry: process.env.CI ? 1 : 0,
  },
});
