// What the actors of one helper work with: the embedded tracker, the engine in its thread, and the threads that make metainfo. The
// ports are opened in the background; a session asks for those that its last helper had, and takes others if these are in
// use.
import type { InspectionEvent, Observer } from 'xstate';
import type { Announce } from '../actors/dependencies.js';
import { codeFolder } from '../code-cache/code-folder.js';
import type { Engine, EngineOptions } from '../engine/engine.js';
import type { EngineThread } from '../engine-thread/host/engine-thread.js';
import { findEngine } from '../engine-thread/host/find-engine.js';
import { type SupervisedEngine, superviseEngine } from '../engine-thread/host/supervised-engine.js';
import { HelperError, toHelperError } from '../errors.js';
import { createMetainfoWork, type MetainfoWork } from '../metainfo-thread/metainfo-work.js';
import {
  type HelperOptions,
  namePortOption,
  type ResolvedOptions,
} from '../options/resolve-options.js';
import type { SavedPorts } from '../session/session-file.js';
import type { Tracker } from '../tracker/start-tracker.js';
import { announceUrls, authority, usualTrackerPort } from '../tracker-protocol/announce-url.js';

export interface ServiceOptions {
  readonly options: ResolvedOptions;
  /** Where the engine keeps resume information. */
  readonly stateDir: string | undefined;
  /** The ports of the session's last helper. */
  readonly savedPorts: SavedPorts;
  readonly onWarning: (error: HelperError) => void;
  /** The engine's, if it was started already. */
  readonly thread: EngineThread | undefined;
  /** Sees the engine's actors. */
  readonly inspect: Observer<InspectionEvent> | undefined;
}

export interface Services {
  /** Takes everything at once, and does it when it is open. */
  readonly engine: Engine;
  /** Undefined: none is wanted, or it is not open yet. */
  readonly tracker: Tracker | undefined;
  /** What is made here announces to. */
  readonly announce: Announce;
  readonly metainfoWork: MetainfoWork;
  /** Resolves when the ports are open. Rejects if one cannot be, with PORT_TAKEN for one in use; both are closed then. */
  readonly open: Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

/** Whether the user cares which ports and addresses they are, so that nothing is to begin before they are open. */
export function asksForPorts(options: HelperOptions): boolean {
  const { port, trackerPort, host, listen, session } = options;
  return [port, trackerPort, host, listen, session].some((asked) => asked !== undefined);
}

/** Throws where the engine's file is not to be found. */
export function startServices(options: ServiceOptions): Services {
  const workerUrl = findEngine(options.options.engineWorkerUrl);
  let tracker: Tracker | undefined;
  let isClosing = false;
  const openingTracker = openTracker(options, () => isClosing).then((opened) => {
    tracker = opened;
    return opened;
  });
  const { current, open: engineOpen } = openEngine(options, openingTracker, workerUrl);
  const metainfoWork = createMetainfoWork(options.stateDir);
  const closePorts = async () => {
    isClosing = true;
    // The last announces go to the tracker, so it closes after the engine.
    await current().close();
    await openingTracker.catch(() => {});
    await tracker?.close();
  };
  // Without a tracker there is no engine either, so that reason is given first.
  const open = Promise.allSettled([openingTracker, engineOpen]).then(async (both) => {
    const failed = both.find((each) => each.status === 'rejected');
    if (failed === undefined) return;
    await tracker?.close();
    throw toHelperError(failed.reason);
  });
  open.catch(() => {});
  return {
    get engine() {
      return current();
    },
    get tracker() {
      return tracker;
    },
    announce: announceOf(options.options, openingTracker),
    metainfoWork,
    open,
    async close() {
      await Promise.all([closePorts(), metainfoWork.close()]);
    },
  };
}

async function openTracker(
  { options, savedPorts, onWarning, thread }: ServiceOptions,
  isClosing: () => boolean,
): Promise<Tracker | undefined> {
  const { tracker, host, listen } = options;
  if (tracker.kind !== 'embedded') return undefined;
  // The engine needs it no sooner, and until then what this takes of time is better spent on first answers.
  await thread?.begun;
  if (isClosing()) return undefined;
  const { startTracker } = await import('../tracker/start-tracker.js');
  const start = (port: { asked: number } | { from: number }) =>
    startTracker({ host, listen, port, admit: 'registered' });
  const anyPort = { from: usualTrackerPort };
  if (tracker.port !== undefined) {
    return namePortOption('--tracker-port', tracker.port, start({ asked: tracker.port }));
  }
  const { trackerPort } = savedPorts;
  if (trackerPort === undefined) return start(anyPort);
  return start({ asked: trackerPort }).catch((error: unknown) => {
    mustBeTaken(error);
    onWarning(
      new HelperError(
        'PORT_TAKEN',
        `the session's tracker port ${trackerPort} is in use, so .torrent files of before announce to somebody else; free it and start again`,
        { cause: error },
      ),
    );
    return start(anyPort);
  });
}

/** `tracker`: the engine's thread loads while it opens. `current`: it may change until it is open. */
function openEngine(
  { options, stateDir, savedPorts, onWarning, thread, inspect }: ServiceOptions,
  tracker: Promise<Tracker | undefined>,
  workerUrl: URL,
): { readonly current: () => Engine; readonly open: Promise<void> } {
  const { host, listen, usesDht, downBytesPerSecond, upBytesPerSecond } = options;
  const start = (port: number, firstThread?: EngineThread): SupervisedEngine =>
    superviseEngine(
      tracker.then((opened) => ({
        host,
        listen,
        port,
        stateDir,
        downBytesPerSecond,
        upBytesPerSecond,
        dht: usesDht,
        ...(opened && waysTo(opened, host, listen)),
      })),
      onWarning,
      {
        workerUrl,
        codeFolder: codeFolder(options.stateDir),
        ...(firstThread && { firstThread }),
        ...(inspect && { inspect }),
      },
    );
  let supervised = start(options.port || (savedPorts.peerPort ?? 0), thread);
  const open = async () => {
    if (options.port !== 0) {
      return namePortOption('--port', options.port, supervised.open);
    }
    if (savedPorts.peerPort === undefined) return supervised.open;
    return supervised.open.catch((error: unknown) => {
      mustBeTaken(error);
      supervised = start(0);
      return supervised.open;
    });
  };
  return { current: () => supervised.engine, open: open() };
}

function mustBeTaken(error: unknown): void {
  if (!(error instanceof HelperError) || error.code !== 'PORT_TAKEN') throw error;
}

/**
 * The embedded tracker is asked where it listens: behind a NAT, the address peers use may not lead back here. No socket is needed
 * for announces by HTTP, of which there may be thousands: who asks is where it listens, too.
 */
function waysTo(
  tracker: Tracker,
  host: string,
  listen: string,
): Pick<EngineOptions, 'trackerRoutes' | 'askOwnTracker'> {
  const near = listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen;
  return {
    trackerRoutes: new Map([[authority(host, tracker.port), authority(near, tracker.port)]]),
    askOwnTracker: async (announce) => tracker.announce(announce, near),
  };
}

function announceOf(
  { tracker, host }: ResolvedOptions,
  opening: Promise<Tracker | undefined>,
): Announce {
  let tiers: Announce['tiers'] = tracker.kind === 'given' ? tracker.urls.map((url) => [url]) : [];
  const known = opening.then((opened) => {
    if (opened) tiers = announceUrls(host, opened.port);
    return tiers;
  });
  known.catch(() => {});
  return {
    get tiers() {
      return tiers;
    },
    known,
  };
}
