// Loaded into a helper before its own code: writes down the longest turn of its main thread, in milliseconds, at its end.
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const file = process.env.HOLD_FILE;
if (isMainThread && file) {
  const resolutionMs = 2;
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  process.on('exit', () => writeFileSync(file, `${delays.max / 1e6 - resolutionMs}`));
}
