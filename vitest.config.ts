import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defineConfig,
  type TestProjectInlineConfiguration,
  type ViteUserConfig,
} from 'vitest/config';
import { oneBencodeInTests } from './scripts/one-bencode.mjs';
import { checksOfSchemasInTests } from './scripts/schema/compiled-checks.mjs';
import { threadSourcesInTests } from './scripts/thread-source.mjs';

/** What measures time or CPU, or needs all there is of a machine. */
const alone = [
  'test/e2e/swarm.test.ts',
  'test/faults/floods.test.ts',
  'test/unit/engine/transfer/rate-limits.test.ts',
];

/** What computes alone. */
export const computing = [
  'test/unit/engine/{dialling,metadata,peers,trackers,webtorrent}/**/*.test.ts',
  'test/unit/engine/data-path/{budgets,download,pieces,places,rate-limit,upload,verify}/**/*.test.ts',
  // Not connection.test.ts, which replaces a method of webtorrent's peers.
  'test/unit/engine/data-path/{swarm-peer,wire/parse,wire/received-messages}.test.ts',
  'test/unit/{machines,house}/**/*.test.ts',
  'test/unit/inspection/page/{details,steps,time}/**/*.test.ts',
  'test/unit/metainfo/{names,parse}/**/*.test.ts',
  'test/unit/storage/{check,disk,folders,layout,relocate,resume}/**/*.test.ts',
  'test/unit/{metainfo,storage}/*.test.ts',
];

/** What replaces no module: each worker loads the sources once for all of it. */
const pure = [
  'test/unit/{async,cli,memory,net,options,protocol,session,stdio,tracker,tracker-protocol}/**/*.test.ts',
  ...computing,
];

/** One group after the other. */
const project = (
  name: string,
  groupOrder: number,
  test: TestProjectInlineConfiguration['test'],
) => ({
  extends: true as const,
  test: { ...test, name, sequence: { groupOrder } },
});

/** What holds for the runs under other versions of Node, too. */
export const testConfig = {
  plugins: [oneBencodeInTests(), threadSourcesInTests(), checksOfSchemasInTests()],
  // The engine's thread is started from a build, also where the sources are tested.
  resolve: {
    alias: [
      {
        find: /^\.\/own-url\.js$/,
        replacement: join(import.meta.dirname, 'test/support/engine/built-engine-url.ts'),
      },
    ],
  },
  test: {
    testTimeout: 30_000,
    // Nothing a test does may touch, or trust, what this user's own helpers keep.
    env: { XDG_STATE_HOME: join(tmpdir(), `bittorrent-helper-tests-${process.pid}`) },
    hookTimeout: 30_000,
    // Stories of many processes can be late once on a machine that others use too; a test that was retried says so.
    retry: process.env.CI ? 1 : 0,
  },
} satisfies ViteUserConfig;

export default defineConfig({
  ...testConfig,
  test: {
    ...testConfig.test,
    projects: [
      project('pure', 0, { include: pure, exclude: [], isolate: false, maxWorkers: 4 }),
      project('together', 0, {
        include: ['test/{unit,e2e,faults,fuzz}/**/*.test.ts'],
        exclude: [...alone, ...pure],
        // They wait for processes and sockets more than they compute: so more at once than there are cores.
        maxWorkers: 4,
      }),
      project('alone', 1, { include: alone, exclude: [], maxWorkers: 1 }),
    ],
  },
});
