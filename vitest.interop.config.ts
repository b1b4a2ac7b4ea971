import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    // One story at a time: other clients are slow to start, and share the machine's ports.
    fileParallelism: false,
    testTimeout: 60_000,
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 60_000,
  },
});
