// The helper as a process: arguments and stdin in, one of the outputs on stdout, diagnostics on stderr.
import { setTimeout as delay } from 'node:timers/promises';
import type { Diagnostic } from '../../machines/types.js';
import { withTimeout } from '../async/with-timeout.js';
import type { DialectParts } from '../dialect/dialect.js';
import type { WatchSocket } from '../dialect/socket/watch-socket.js';
import type { EngineThread } from '../engine-thread/host/engine-thread.js';
import { HelperError } from '../errors.js';
import { beginHelper } from '../helper/create-helper.js';
import type { Helper, Restored } from '../helper/helper.js';
import { isLoopback } from '../net/ip-address.js';
import { diagnosticLine, isError } from '../protocol/diagnostic-line.js';
import { escapeForTerminal } from '../protocol/escape-name.js';
import { readBatches } from '../stdio/read-lines.js';
import { createLineWriter } from '../stdio/write-lines.js';
import type { RunCommand } from './arguments/parse-arguments.js';
import { openInspection } from './open-inspection.js';
import { linesOutput } from './outputs/lines-output.js';
import type { HelperOutput, RunningOutput } from './outputs/output.js';
import { isForPeople, viewOutput } from './outputs/view-output.js';
import { exitCodeOf, exitCodes, type StreamFaults, type Terminal } from './terminal.js';
import { stdoutFailure } from './write-out.js';

/** Whatever blocks, the process ends 5 s after it was told to; the rest is for the exit itself. */
const CLOSE_DEADLINE_MS = 4_500;

/**
 * Resolves with the exit code. Rejects for what createHelper rejects: before anything was started or, where the ports were
 * left to it, after what did not need them was answered.
 */
export async function runHelperProcess(
  command: RunCommand,
  terminal: Terminal,
  thread: EngineThread,
): Promise<number> {
  const { options, instructions, quiet } = command;
  const { stdin, stdout, isOrphan, presetExitCode, stopSignal, version, pid } = terminal;
  const output = await openOutput(command, terminal);
  const socket = await openSocket(command);
  const diagnostics = output.people;
  let dialect: RunningOutput['dialect'];
  const onDiagnostic = (diagnostic: Diagnostic) => {
    if (!quiet || isError(diagnostic)) diagnostics.write(diagnosticLine(diagnostic));
  };
  const inspection = await openInspection(command, terminal, (error) => {
    dialect?.warn(error);
    onDiagnostic({ kind: 'warning', failure: error });
  }).catch(async (error) => {
    await socket?.close();
    throw error;
  });
  const begun = await beginHelper(
    { ...options, onDiagnostic, inspect: inspection?.inspect },
    { thread, onJob: terminal.onJob },
  ).catch(async (error) => {
    await Promise.all([inspection?.close(), socket?.close()]);
    throw error;
  });
  const { helper, open, stopping } = begun;
  inspection?.watch(helper);

  let deadlineMs = CLOSE_DEADLINE_MS;
  const stop = () => void helper.close();
  if (stopSignal.aborted) stop();
  stopSignal.addEventListener('abort', stop, { once: true });

  if (inspection?.url !== undefined && !quiet) {
    diagnostics.write(`bittorrent-helper: inspector: ${inspection.url}\n`);
  }
  let failure: unknown;
  const opened = open.then(
    () => {
      if (!quiet) diagnostics.write(readyLine(helper, options.host ?? '127.0.0.1'));
    },
    (error) => {
      if (!isClosed(error)) failure = error;
    },
  );

  const faults: StreamFaults = { isInputUnsupported: false, isOutputUnwritable: false };
  const tell = ({ code, message }: HelperError) =>
    diagnostics.write(`bittorrent-helper: ${code}: ${escapeForTerminal(message)}\n`);
  const speaking: DialectParts = {
    helper,
    open,
    identity: { version, pid, session: options.session },
    quit(withinMs = CLOSE_DEADLINE_MS) {
      deadlineMs = Math.min(withinMs, CLOSE_DEADLINE_MS);
      stop();
    },
  };
  const running = output.begin({ ...begun, speaking });
  dialect = running.dialect;
  socket?.serve(speaking, dialect);
  const written = running.written.catch((error) => {
    const unwritable = stdoutFailure(error, stdout);
    faults.isOutputUnwritable = unwritable !== undefined;
    if (unwritable) tell(unwritable);
    stop();
  });
  // The lines of jobs that were brought back come first.
  const restored = await helper.restored;
  if (options.session !== undefined && !quiet) diagnostics.write(restoredLine(restored));
  for (const text of instructions) await running.take([{ kind: 'text', text, ended: true }]);
  if (instructions.length > 0 && stdin.isTTY) helper.end();
  else {
    const onUnsupported = (error: HelperError) => {
      faults.isInputUnsupported = true;
      running.dialect?.warn(error);
      tell(error);
    };
    void takeInstructions(helper, running, { stdin, isOrphan, onUnsupported });
  }

  const late = stopping.then(async () => {
    stop();
    await delay(deadlineMs, undefined, { ref: false });
  });
  const tally = await Promise.race([helper.stopped, late]);
  const exitCode = tally ? exitCodeOf(tally, faults) : exitCodes.unfinished;
  presetExitCode(exitCode);
  const stopped = helper.close().then(() => inspection?.close());
  const closed = Promise.all([stopped, opened, written]);
  await Promise.race([withTimeout(CLOSE_DEADLINE_MS, closed), late]);
  await socket?.close();
  await withTimeout(100, diagnostics.end());
  stdin.destroy();
  if (failure !== undefined) throw failure;
  return tally ? exitCodeOf(tally, faults) : exitCode;
}

/** What stdout is used for. What is not used is not loaded. */
async function openOutput(command: RunCommand, terminal: Terminal): Promise<HelperOutput> {
  const { stdout, stderr } = terminal;
  const { output, instructions, options } = command;
  if (output === 'auto' && instructions.length > 0 && isForPeople(terminal)) {
    return viewOutput(terminal, options.session);
  }
  const people = createLineWriter(stderr, {
    leftOut: (lineCount) => `bittorrent-helper: ${lineCount} lines left out\n`,
  });
  if (output !== 'json') return linesOutput(stdout, people);
  const { jsonOutput } = await import('./outputs/json-output.js');
  return jsonOutput(stdout, people);
}

/** Where others may watch. Whoever has that path must be known before anything is started. */
async function openSocket({ socket }: RunCommand): Promise<WatchSocket | undefined> {
  if (socket === undefined) return undefined;
  const { openWatchSocket } = await import('../dialect/socket/watch-socket.js');
  return openWatchSocket(socket);
}

/** Tells that the helper is there, and who can reach it. */
function readyLine({ peerPort, announce }: Helper, host: string): string {
  const tracker = announce.flat()[0] ?? 'none';
  const reach = isLoopback(host)
    ? '; only this machine can reach it, --host ADDRESS changes that'
    : '';
  return `bittorrent-helper: ready: peer port ${peerPort}, tracker ${escapeForTerminal(tracker)}${reach}\n`;
}

/** Tells a parent that counts from where on. */
function restoredLine({ jobCount, nextId }: Restored): string {
  const jobs = jobCount === 1 ? '1 job' : `${jobCount} jobs`;
  return `bittorrent-helper: restored ${jobs}; the next is ${nextId}\n`;
}

/** It ended before its ports were open, and not because of them. */
function isClosed(error: unknown): boolean {
  return error instanceof HelperError && error.code === 'CLOSED';
}

interface InstructionSource extends Pick<Terminal, 'stdin' | 'isOrphan'> {
  readonly onUnsupported: (error: HelperError) => void;
}

async function takeInstructions(
  helper: Helper,
  running: RunningOutput,
  { stdin, isOrphan, onUnsupported }: InstructionSource,
): Promise<void> {
  try {
    for await (const read of readBatches(stdin, running.maxLineBytes)) {
      if (!('encoding' in read)) {
        await running.take(read);
        continue;
      }
      const message = `stdin is ${read.encoding}, so nothing of it is carried out; write UTF-8`;
      onUnsupported(new HelperError('INPUT_UNSUPPORTED', message));
      helper.end();
    }
  } catch {
    // A stdin that breaks has ended.
  }
  // A parent that has ended is no longer there to say stop, or to read what we say.
  if (isOrphan()) await helper.close();
  else helper.end();
}
