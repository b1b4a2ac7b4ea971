import { defineConfig } from 'vitest/config';
import { testConfig } from './vitest.config.js';

// What could know one Node from another. Left out are the minutes-long swarms in one process, since the end-to-end tests run
// the same engine; what starts a helper for each of many sentences; what tries another program, such as Python, a shell or a
// terminal; and what holds sources, types and documents against each other. So three versions take some six minutes on two cores, where the whole suite would take half an hour.
export default defineConfig({
  ...testConfig,
  test: {
    ...testConfig.test,
    include: ['test/{unit,e2e}/**/*.test.ts'],
    exclude: [
      'test/unit/*.test.ts',
      'test/unit/{house,scripts}/**',
      'test/unit/engine/{hostile,transfer}/**',
      'test/e2e/{errors,instructions,usage}.test.ts',
      'test/e2e/{live-view,python-client,shell-parent}.test.ts',
      // What runs in a browser, or is there when the package is built.
      'test/e2e/inspector-page.test.ts',
      'test/unit/inspection/{charts,page,stately}/**',
      // What is XState's own affair, and what another program asks that `npm test` has asked.
      'test/unit/machines/**',
      'test/e2e/conformance-client.test.ts',
    ],
    // Most of the time is spent in waiting for other processes: so more at once than there are cores.
    maxWorkers: 4,
    retry: 1,
  },
});
