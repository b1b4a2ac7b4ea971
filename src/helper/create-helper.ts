// The library's entry: checks the options, opens the ports, and starts the system. No stdio, no process.
import type { Failure, JobOrder } from '../../machines/types.js';
import { createCleanupRegistry } from '../actors/cleanup-registry.js';
import type { Announce } from '../actors/dependencies.js';
import { createTorrentLocks } from '../actors/torrent-locks.js';
import type { EngineThread } from '../engine-thread/host/engine-thread.js';
import { HelperError } from '../errors.js';
import { createHashingThreads } from '../metainfo/create/threads/hashing-threads.js';
import { openDirectories } from '../options/open-directories.js';
import { type HelperOptions, resolveOptions, type Settings } from '../options/resolve-options.js';
import { openStateDir } from '../options/state-directory.js';
import { noSession } from '../session/no-session.js';
import { openSession, type Session } from '../session/open-session.js';
import { announceUrls } from '../tracker/announce-url.js';
import { createSystem } from './actor-system.js';
import { type Helper, runHelper } from './helper.js';
import { asksForPorts, openPorts, type Ports } from './start-services.js';

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

export interface BegunHelper {
  /** Takes instructions, and answers those that need no port. */
  readonly helper: Helper;
  /**
   * Resolves when its ports are open; only then it knows them. Rejects as `createHelper` does, and the helper is closed
   * then, what waited for a port having failed for that reason; with CLOSED if it was closed before.
   */
  readonly open: Promise<void>;
}

/**
 * As `createHelper`, but resolves before the ports are open, unless an option says which they are to be.
 * `thread`: the engine's, if it was started already.
 */
export async function beginHelper(
  options: HelperOptions,
  thread?: EngineThread,
): Promise<BegunHelper> {
  const { signal } = options;
  const settings = await openDirectories(resolveOptions(options));
  const state = await openStateDir(settings);
  if (signal?.aborted) throw toldToClose(signal);
  const warnings = createWarnings();
  const session = await openJobs(settings, state.dir, warnings.add);
  const ports = openPorts({
    ...{ settings, thread },
    stateDir: state.dir,
    kept: session.ports,
    onWarning: warnings.add,
  });
  if (asksForPorts(options)) {
    await ports.open.catch(async (error) => {
      await session.close();
      throw error;
    });
  }

  const announce = announceOf(settings, ports);
  const dependencies = {
    ...{ settings, engine: ports.engine, announce, session },
    torrentLocks: createTorrentLocks(),
    cleanups: createCleanupRegistry(),
    hashingThreads: createHashingThreads(),
    register: (infoHash: string) => ports.tracker?.register(infoHash),
    unregister: (infoHash: string) => ports.tracker?.unregister(infoHash),
    stateDir: state.dir,
  };
  const closed = new AbortController();
  const { helper, warn } = runHelper({
    system: createSystem(dependencies, { lastId: session.lastId, inspect: options.inspect }),
    peerPort: () => ports.engine.peerPort,
    announce: () => announce.tiers,
    onDiagnostic: options.onDiagnostic,
    restore: session.jobs.map(
      ({ id, instruction, ...saved }): JobOrder => ({ id, instruction, saved }),
    ),
    onEntry: session.note,
    release: async () => {
      closed.abort();
      const threads = dependencies.hashingThreads;
      await Promise.all([ports.close(), session.close(), threads.close()]);
    },
  });
  const open = ports.open.then(
    () =>
      session.keepPorts({
        peerPort: ports.engine.peerPort,
        trackerPort: ports.tracker?.port ?? session.ports.trackerPort,
      }),
    async (error) => {
      await helper.close();
      throw signal?.aborted ? toldToClose(signal) : error;
    },
  );
  open.catch(() => {});
  warnings.tellTo(warn);
  for (const trouble of [state.trouble, ...session.damaged]) if (trouble) warn(trouble);
  if (signal?.aborted) {
    await helper.close();
    throw toldToClose(signal);
  }
  const close = () => void helper.close();
  signal?.addEventListener('abort', close, { once: true, signal: closed.signal });
  return { helper, open };
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

async function openJobs(
  { session: name }: Settings,
  stateDir: string | undefined,
  onTrouble: (error: HelperError) => void,
): Promise<Session> {
  if (name === undefined || stateDir === undefined) return noSession;
  return openSession({ stateDir, name, onTrouble });
}

function toldToClose({ reason }: AbortSignal): HelperError {
  return new HelperError('CLOSED', 'the helper was told to close before it was open', {
    cause: reason,
  });
}

function announceOf({ tracker, host }: Settings, ports: Ports): Announce {
  const tiersNow = () => {
    if (tracker.kind === 'given') return tracker.urls.map((url) => [url]);
    return ports.tracker ? announceUrls(host, ports.tracker.port) : [];
  };
  const known = ports.trackerOpen.then(tiersNow);
  known.catch(() => {});
  return {
    get tiers() {
      return tiersNow();
    },
    known,
  };
}
