import { join } from 'node:path';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { testConfig } from './vitest.config.js';

const observed = join(import.meta.dirname, 'test/support/machines/observed-xstate.ts');

/** The walks send everything everywhere: what they come to proves that no arm is dead, and not that it does what it should. */
const unobserved = /\/test\/support\/machines\/(observed-xstate|machine-walk|torrent-walks)\.ts$/;

const observedXState: Plugin = {
  name: 'observed-xstate',
  enforce: 'pre',
  resolveId: (source, importer) =>
    source === 'xstate' && importer && !unobserved.test(importer) ? observed : null,
};

// What drives real actors in this process, and says what must come of it, in seconds: each arm by itself in test/unit/machines, and
// the lives of real torrents. Which states, transitions and guards they take is summed up by scripts/coverage.
export default defineConfig({
  ...testConfig,
  plugins: [...testConfig.plugins, observedXState],
  test: {
    ...testConfig.test,
    include: ['test/unit/{machines,helper/events}/**/*.test.ts'],
    exclude: ['test/unit/machines/{arms,torrent-paths}.test.ts'],
    // Most of the time is spent in waiting: so more at once than there are cores.
    maxWorkers: 4,
  },
});
