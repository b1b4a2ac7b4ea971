// Opens what others connect to: the embedded tracker and the engine's peer port. A session asks for the ports that its
// last helper had, and takes others if these are in use.
import { codeFolder } from '../code-cache/code-folder.js';
import type { Engine } from '../engine/engine.js';
import type { EngineThread } from '../engine-thread/host/engine-thread.js';
import { type SupervisedEngine, superviseEngine } from '../engine-thread/host/supervised-engine.js';
import { HelperError, toHelperError } from '../errors.js';
import { namePortOption } from '../options/port-option-error.js';
import type { HelperOptions, Settings } from '../options/resolve-options.js';
import type { SavedPorts } from '../session/session-file.js';
import { authority } from '../tracker/announce-url.js';
import type { Tracker } from '../tracker/start-tracker.js';

const firstTrackerPort = 6969;

export interface PortsOptions {
  readonly settings: Settings;
  /** Where the engine keeps resume information. */
  readonly stateDir: string | undefined;
  /** The ports of the session's last helper. */
  readonly kept: SavedPorts;
  readonly onWarning: (error: HelperError) => void;
  /** The engine's, if it was started already. */
  readonly thread?: EngineThread | undefined;
}

export interface Ports {
  /** Undefined: none is wanted, or it is not open yet. */
  readonly tracker: Tracker | undefined;
  /** Takes everything at once, and does it when it is open. */
  readonly engine: Engine;
  /** Resolves when the tracker is open, if one is wanted. */
  readonly trackerOpen: Promise<void>;
  /** Resolves when both are open. Rejects if one cannot be, with PORT_TAKEN for a port in use; both are closed then. */
  readonly open: Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}

/** Whether the user cares which ports and addresses they are, so that nothing is to begin before they are open. */
export function asksForPorts(options: HelperOptions): boolean {
  const { port, trackerPort, host, listen, session } = options;
  return [port, trackerPort, host, listen, session].some((asked) => asked !== undefined);
}

/** Begins to open them. */
export function openPorts(options: PortsOptions): Ports {
  let tracker: Tracker | undefined;
  let isClosing = false;
  const openingTracker = openTracker(options, () => isClosing).then((opened) => {
    tracker = opened;
    return opened;
  });
  const { current, open: engineOpen } = openEngine(options, openingTracker);
  const close = async () => {
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
  const trackerOpen = openingTracker.then(() => {});
  for (const each of [open, trackerOpen]) each.catch(() => {});
  return {
    get tracker() {
      return tracker;
    },
    get engine() {
      return current();
    },
    ...{ trackerOpen, open, close },
  };
}

async function openTracker(
  { settings, kept, onWarning, thread }: PortsOptions,
  isClosing: () => boolean,
): Promise<Tracker | undefined> {
  const { tracker, host, listen } = settings;
  if (tracker.kind !== 'embedded') return undefined;
  // The engine needs it no sooner, and until then what this takes of time is better spent on first answers.
  await thread?.begun;
  if (isClosing()) return undefined;
  const { startTracker } = await import('../tracker/start-tracker.js');
  const start = (port: { asked: number } | { from: number }) =>
    startTracker({ host, listen, port, admit: 'registered' });
  const anyPort = { from: firstTrackerPort };
  if (tracker.port !== undefined) {
    return namePortOption('--tracker-port', tracker.port, start({ asked: tracker.port }));
  }
  if (kept.trackerPort === undefined) return start(anyPort);
  return start({ asked: kept.trackerPort }).catch((error: unknown) => {
    mustBeTaken(error);
    onWarning(
      new HelperError(
        'PORT_TAKEN',
        `the session's tracker port ${kept.trackerPort} is in use, so .torrent files of before announce to somebody else; free it and start again`,
        { cause: error },
      ),
    );
    return start(anyPort);
  });
}

/** `tracker`: the engine's thread loads while it opens. `current`: it may change until it is open. */
function openEngine(
  { settings, stateDir, kept, onWarning, thread }: PortsOptions,
  tracker: Promise<Tracker | undefined>,
): { readonly current: () => Engine; readonly open: Promise<void> } {
  const { host, listen, usesDht, downBytesPerSecond, upBytesPerSecond } = settings;
  const start = (port: number, firstThread?: EngineThread): SupervisedEngine =>
    superviseEngine(
      tracker.then((opened) => ({
        ...{ host, listen, port, stateDir, downBytesPerSecond, upBytesPerSecond },
        dht: usesDht,
        trackerRoutes: opened ? routesTo(opened, host, listen) : new Map(),
      })),
      onWarning,
      { codeFolder: codeFolder(settings.stateDir), ...(firstThread && { firstThread }) },
    );
  let supervised = start(settings.port || (kept.peerPort ?? 0), thread);
  const open = async () => {
    if (settings.port !== 0) {
      return namePortOption('--port', settings.port, supervised.open);
    }
    if (kept.peerPort === undefined) return supervised.open;
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

/** The embedded tracker is asked where it listens: behind a NAT, the address peers use may not lead back here. */
function routesTo({ port }: Tracker, host: string, listen: string): ReadonlyMap<string, string> {
  const near = listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen;
  return new Map([[authority(host, port), authority(near, port)]]);
}
