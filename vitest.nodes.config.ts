import { defineConfig } from 'vitest/config';
import { computing, testConfig } from './vitest.config.js';

// What could know one Node from another. Left out are what computes alone; the minutes-long swarms in one process, since the end-to-end
// tests run the same engine; what starts a helper for each of many sentences; what tries another program, such as Python, a shell, a
// terminal or a browser; and what holds sources, types and documents against each other.
export default defineConfig({
  ...testConfig,
  test: {
    ...testConfig.test,
    include: ['test/{unit,e2e}/**/*.test.ts'],
    exclude: [
      ...computing,
      'test/unit/*.test.ts',
      'test/unit/scripts/**',
      'test/unit/engine/{hostile,transfer}/**',
      'test/e2e/{errors,instructions,usage}.test.ts',
      'test/e2e/{live-view,python-client,shell-parent}.test.ts',
      // What runs in a browser, or is there when the package is built.
      'test/e2e/inspector-page.test.ts',
      'test/unit/inspection/{charts,page,stately}/**',
      // What another program asks that `npm test` has asked.
      'test/e2e/conformance-client.test.ts',
    ],
    // Most of the time is spent in waiting for other processes: so more at once than there are cores.
    maxWorkers: 4,
    retry: 1,
  },
});
