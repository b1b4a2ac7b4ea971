// Opens what others connect to: the embedded tracker and the engine's peer port. A session asks for the ports that its
// last helper had, and takes others if these are in use.
import { codeFolder } from './code-cache/code-folder.js';
import type { Engine } from './engine/engine.js';
import type { EngineThread } from './engine-host/engine-thread.js';
import { openSupervisedEngine } from './engine-host/supervised-engine.js';
import { HelperError, toHelperError } from './errors.js';
import { namePortOption } from './name-port-option.js';
import type { KeptPorts } from './session/session-file.js';
import type { Settings } from './settings.js';
import { authority } from './tracker/announce-url.js';
import type { Tracker } from './tracker/start-tracker.js';

const firstTrackerPort = 6969;

export interface PortsOptions {
  readonly settings: Settings;
  /** Where the engine keeps resume information. */
  readonly stateDir: string | undefined;
  /** The ports of the session's last helper. */
  readonly kept: KeptPorts;
  readonly onWarning: (error: HelperError) => void;
  /** The engine's, if it was started already. */
  readonly thread?: EngineThread | undefined;
}

export interface Ports {
  readonly tracker: Tracker | undefined;
  readonly engine: Engine;
}

/** Both, or neither. Rejects with PORT_TAKEN for a port that an option asks for. */
export async function openPorts(options: PortsOptions): Promise<Ports> {
  const openingTracker = openTracker(options);
  const openingEngine = openEngine(options, openingTracker);
  // Without a tracker there is no engine either, so that reason is given first.
  const [tracker, engine] = await Promise.allSettled([openingTracker, openingEngine]);
  if (tracker.status === 'rejected') throw toHelperError(tracker.reason);
  if (engine.status === 'rejected') {
    await tracker.value?.close();
    throw toHelperError(engine.reason);
  }
  return { tracker: tracker.value, engine: engine.value };
}

async function openTracker({
  settings,
  kept,
  onWarning,
}: PortsOptions): Promise<Tracker | undefined> {
  const { tracker, host, listen } = settings;
  if (tracker.kind !== 'embedded') return undefined;
  const { startTracker } = await import('./tracker/start-tracker.js');
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

/** `tracker`: the engine's thread loads while it opens. */
async function openEngine(
  { settings, stateDir, kept, onWarning, thread }: PortsOptions,
  tracker: Promise<Tracker | undefined>,
): Promise<Engine> {
  const { host, listen, usesDht, downBytesPerSecond, upBytesPerSecond } = settings;
  const start = (port: number, firstThread?: EngineThread) =>
    openSupervisedEngine(
      tracker.then((opened) => ({
        ...{ host, listen, port, stateDir, downBytesPerSecond, upBytesPerSecond },
        dht: usesDht,
        trackerRoutes: opened ? routesTo(opened, host, listen) : new Map(),
      })),
      onWarning,
      { codeFolder: codeFolder(settings.stateDir), ...(firstThread && { firstThread }) },
    );
  if (settings.port !== 0) {
    return namePortOption('--port', settings.port, start(settings.port, thread));
  }
  if (kept.peerPort === undefined) return start(0, thread);
  return start(kept.peerPort, thread).catch((error: unknown) => {
    mustBeTaken(error);
    return start(0);
  });
}

function mustBeTaken(error: unknown): void {
  if (!(error instanceof HelperError) || error.code !== 'PORT_TAKEN') throw error;
}

/** The embedded tracker is asked where it listens: behind a NAT, the address peers use may not lead back here. */
function routesTo({ port }: Tracker, host: string, listen: string): ReadonlyMap<string, string> {
  const near = listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen;
  return new Map([[authority(host, port), authority(near, port)]]);
}
