import { defineConfig } from 'vitest/config';
import { oneBencodeInTests } from './scripts/one-bencode.mjs';
import { threadSourcesInTests } from './scripts/thread-source.mjs';

export default defineConfig({
  plugins: [oneBencodeInTests(), threadSourcesInTests()],
  test: {
    include: ['test/interop/**/*.test.ts'],
    // One story at a time: other clients are slow to start, and share the machine's ports.
    fileParallelism: false,
    testTimeout: 60_000,
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 60_000,
  },
});
