// The library's entry. Starting is five steps: options, directories, session, services, actors; when a later one fails,
// those before are undone. No stdio, no process.
import type { Failure, JobOrder } from '../../machines/types.js';
import { createCleanupRegistry } from '../actors/cleanup-registry.js';
import { createTorrentLocks, type LockRequest } from '../actors/torrent-locks.js';
import { withTimeout } from '../async/with-timeout.js';
import type { EngineThread } from '../engine-thread/host/engine-thread.js';
import { HelperError } from '../errors.js';
import { createMetainfoMemory } from '../memory/metainfo-memory.js';
import { checkOptions } from '../options/check-options.js';
import { openDirectories } from '../options/open-directories.js';
import { type HelperOptions, resolveOptions } from '../options/resolve-options.js';
import type { SavedJob } from '../session/job-file.js';
import { openSession } from '../session/open-session.js';
import { createActorSystem } from './actor-system.js';
import type { Helper } from './helper.js';
import { harmlessObserver } from './listeners.js';
import { type RunningHelper, runHelper } from './run-helper.js';
import { asksForPorts, startServices } from './start-services.js';

/**
 * Starts a helper. Rejects with a HelperError: OPTION_INVALID for options that are malformed or do not go
 * together, PORT_TAKEN for a port asked for that is in use, SESSION_BUSY for a session that another helper has,
 * CLOSED if the signal aborts meanwhile. Nothing is left running then.
 */
export async function createHelper(options: HelperOptions = {}): Promise<Helper> {
  const { helper, open } = await beginHelper(options);
  await open;
  return helper;
}

/** A disk that hangs must not keep the helper from closing. */
const cleanupMs = 2_000;

export interface BegunHelper extends Pick<RunningHelper, 'give' | 'lines' | 'stopping'> {
  /** Takes instructions, and answers those that need no port. */
  readonly helper: Helper;
  /**
   * Resolves when its ports are open; only then it knows them. Rejects as `createHelper` does, and the helper is closed
   * then, what waited for a port having failed for that reason; with CLOSED if it was closed before.
   */
  readonly open: Promise<void>;
}

export interface HelperProcess {
  /** The engine's, which was started already. */
  readonly thread?: EngineThread | undefined;
  /** Called for each job that is there. */
  readonly onJob?: (() => void) | undefined;
}

/** As `createHelper`, but resolves before the ports are open, unless an option says which they are to be. */
export async function beginHelper(
  given: HelperOptions,
  { thread, onJob }: HelperProcess = {},
): Promise<BegunHelper> {
  checkOptions(given);
  const { signal } = given;
  const warnings = createWarnings();
  const opened = createOpened();
  try {
    const { options, stateDir, warning } = await openDirectories(resolveOptions(given));
    if (warning) warnings.add(warning);
    if (signal?.aborted) throw toldToClose(signal);

    const onWarning = warnings.add;
    const session = opened.add(
      await openSession({ stateDir, name: options.session, onError: onWarning }),
    );
    for (const damage of session.damaged) warnings.add(damage);

    const savedPorts = session.ports;
    // Later: the machines that it watches are at work.
    const inspect = harmlessObserver(given.inspect, (error) =>
      queueMicrotask(() => warnings.add(error)),
    );
    const services = opened.add(
      startServices({ options, stateDir, savedPorts, onWarning, thread, inspect }),
    );
    if (asksForPorts(given)) await services.open;

    const torrentLocks = createTorrentLocks();
    torrentLocks.lockAgain(locksOf(session.jobs));
    const cleanups = createCleanupRegistry();
    opened.add({
      async close() {
        await withTimeout(cleanupMs, cleanups.settled());
      },
    });
    const system = createActorSystem(
      {
        options,
        stateDir,
        session,
        engine: services.engine,
        announce: services.announce,
        metainfoWork: services.metainfoWork,
        register: (infoHash) => services.tracker?.register(infoHash),
        unregister: (infoHash) => services.tracker?.unregister(infoHash),
        torrentLocks,
        metainfoMemory: createMetainfoMemory(),
        cleanups,
      },
      {
        lastId: session.lastId,
        inspect,
      },
    );
    const { helper, give, lines, givenBack, stopping, warn, closeFor } = runHelper({
      system,
      lastId: session.lastId,
      peerPort: () => services.engine.peerPort,
      announce: () => services.announce.tiers,
      left: (infoHash) => services.engine.left(infoHash),
      watch: (infoHash, everyMs, isDetailed) =>
        services.engine.watch(infoHash, everyMs, isDetailed),
      onDiagnostic: given.onDiagnostic,
      restore: session.jobs.map(orderOf),
      hasSession: options.session !== undefined && stateDir !== undefined,
      onEntry: session.record,
      onJob,
      release: opened.close,
    });
    void stopping.then(() => services.engine.prepareToClose());
    warnings.tellTo(warn);
    const close = () => void closeFor(signal?.reason);
    signal?.addEventListener('abort', close, { once: true, signal: opened.closed });
    await givenBack;
    if (signal?.aborted) {
      await helper.close();
      throw toldToClose(signal);
    }

    const open = services.open.then(
      () => {
        const trackerPort = services.tracker?.port ?? savedPorts.trackerPort;
        session.savePorts({ peerPort: services.engine.peerPort, trackerPort });
      },
      async (error) => {
        await helper.close();
        throw signal?.aborted ? toldToClose(signal) : error;
      },
    );
    open.catch(() => {});
    return { helper, give, lines, open, stopping };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Killed between a job's refusal as a duplicate and the note of that, both may be there: then those that were done come first. */
function locksOf(jobs: readonly SavedJob[]): LockRequest[] {
  const isDone = ({ doneMs }: SavedJob) => doneMs !== undefined;
  const inTurn = [...jobs.filter(isDone), ...jobs.filter((job) => !isDone(job))];
  return inTurn.flatMap(({ id, instruction: { kind: role }, infoHash, contentPath }) =>
    infoHash === undefined || contentPath === undefined
      ? []
      : [{ jobId: id, infoHash, contentPath, role }],
  );
}

/** A download goes by the name of its torrent, where that is known. */
function orderOf({ id, instruction, ...saved }: SavedJob): JobOrder {
  return { id, instruction, saved, file: instruction.kind === 'seed' ? undefined : saved.name };
}

interface Closable {
  close(): Promise<void>;
}

/** What is open so far. */
function createOpened() {
  const open: Closable[] = [];
  const closed = new AbortController();
  let closing: Promise<unknown> | undefined;
  return {
    add<T extends Closable>(part: T): T {
      open.push(part);
      return part;
    },
    closed: closed.signal,
    /** The last one first; none waits for another, as together they have a few seconds. Never rejects. */
    async close() {
      closed.abort();
      closing ??= Promise.all(open.reverse().map((part) => part.close()));
      await closing;
    },
  };
}

/** What is said before there is somebody to hear it waits. */
function createWarnings() {
  const waiting: HelperError[] = [];
  let tell = (error: HelperError): void => {
    waiting.push(error);
  };
  return {
    add: (error: HelperError) => tell(error),
    tellTo(warn: (failure: Failure) => void) {
      tell = ({ code, message }) => warn({ code, message });
      for (const error of waiting) tell(error);
    },
  };
}

function toldToClose({ reason }: AbortSignal): HelperError {
  return new HelperError('CLOSED', 'the helper was told to close before it was open', {
    cause: reason,
  });
}
