import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Stories of many processes can be late once on a machine that others use too; a test that was retried says so.
    retry: process.env.CI ? 1 : 0,
  },
});
