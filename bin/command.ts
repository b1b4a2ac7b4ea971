// The command. The one place that touches the process: argv in, streams and signals handed over, exit code out.
import { closeSync, createWriteStream, fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import packageJson from '../package.json' with { type: 'json' };
import { giveBackMemoryWhenIdle } from '../src/cli/processes/idle-memory.js';
import { isExiting } from '../src/cli/processes/process-stat.js';
import { bugLine, runCommand } from '../src/cli/run-command.js';
import { optimiseInRush } from '../src/code-cache/job-rush.js';

const parentId = process.ppid;
const stop = new AbortController();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // The second one means now.
    if (stop.signal.aborted) process.exit(process.exitCode ?? 4);
    stop.abort();
  });
}

/** Node's own stream for a file takes a line for written that a full disk has cut off in its middle. */
const stdout = fstatSync(1).isFile()
  ? createWriteStream('', { fd: 1, autoClose: false })
  : process.stdout;

// Node dies at its exit of a terminal that was closed meanwhile, unless its descriptor is closed, too.
const terminals = [0, 1, 2].filter(isatty);
process.on('exit', () => {
  for (const descriptor of terminals) if (!isatty(descriptor)) closeSync(descriptor);
});

// What slips through every net costs a line, not the helper.
const onBug = (error: unknown) => void process.stderr.write(bugLine(error));
process.on('uncaughtException', onBug);
process.on('unhandledRejection', onBug);
// A stderr that nobody reads any more is no reason to stop.
process.stderr.on('error', () => {});

giveBackMemoryWhenIdle({
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
});

void runCommand({
  args: process.argv.slice(2),
  stdin: process.stdin,
  stdout,
  stderr: process.stderr,
  env: process.env,
  version: packageJson.version,
  pid: process.pid,
  presetExitCode: (code) => {
    process.exitCode = code;
  },
  parentId,
  onJob: optimiseInRush(process.versions.v8),
  isOrphan: () => process.ppid !== parentId || isExiting(parentId),
  stopSignal: stop.signal,
}).then((exitCode) => process.exit(exitCode));
