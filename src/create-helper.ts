// The library's entry: checks the options, opens the ports, and starts the system. No stdio, no process.
import { mkdir, realpath } from 'node:fs/promises';
import { createClaims } from './claims.js';
import type { Engine } from './engine/engine.js';
import { HelperError, toHelperError } from './errors.js';
import { type Helper, runHelper } from './helper.js';
import { namePortOption } from './name-port-option.js';
import { type HelperOptions, resolveSettings, type Settings } from './settings.js';
import { openStateDir } from './state-dir.js';
import { createSystem } from './system.js';
import { announceUrls, authority } from './tracker/announce-url.js';
import type { Tracker } from './tracker/start-tracker.js';

const FIRST_TRACKER_PORT = 6969;

/**
 * Starts a helper. Rejects with a HelperError: OPTION_INVALID for options that are malformed or do not go
 * together, PORT_TAKEN for a port asked for that is in use, CLOSED if the signal aborts meanwhile.
 * Nothing is left running then.
 */
export async function createHelper(options: HelperOptions = {}): Promise<Helper> {
  const { signal } = options;
  const settings = await openDirectories(resolveSettings(options));
  const state = await openStateDir(settings);
  if (signal?.aborted) throw toldToClose(signal);
  const tracker = await openTracker(settings);
  const engine = await openEngine(settings, tracker).catch(async (error) => {
    await tracker?.close();
    throw toHelperError(error);
  });

  const announce = announceOf(settings, tracker);
  const surroundings = {
    settings,
    engine,
    claims: createClaims(),
    announce,
    register: (infoHash: string) => tracker?.register(infoHash),
    stateDir: state.dir,
    session: { readMetainfo: async () => undefined, settled: async () => {} },
  };
  const closed = new AbortController();
  const { helper, warn } = runHelper({
    system: createSystem(surroundings, { lastId: 0, inspect: options.inspect }),
    peerPort: engine.peerPort,
    announce,
    onDiagnostic: options.onDiagnostic,
    restore: [],
    onNote: () => {},
    release: async () => {
      closed.abort();
      // The last announces go to the tracker, so it closes after the engine.
      await engine.close();
      await tracker?.close();
    },
  });
  if (state.trouble) warn(state.trouble);
  if (signal?.aborted) {
    await helper.close();
    throw toldToClose(signal);
  }
  const close = () => void helper.close();
  signal?.addEventListener('abort', close, { once: true, signal: closed.signal });
  return helper;
}

function toldToClose({ reason }: AbortSignal): HelperError {
  return new HelperError('CLOSED', 'the helper was told to close before it was open', {
    cause: reason,
  });
}

async function openDirectories(settings: Settings): Promise<Settings> {
  return {
    ...settings,
    torrentDir: await openDirectory('--torrent-dir', settings.torrentDir),
    downloadDir: await openDirectory('--download-dir', settings.downloadDir),
  };
}

async function openDirectory(option: string, path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return await realpath(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HelperError(
      'OPTION_INVALID',
      `${option} ${path}: expected a folder, or a place to make one: ${reason}`,
      { cause: error },
    );
  }
}

function announceOf({ tracker, host }: Settings, embedded: Tracker | undefined) {
  if (tracker.kind === 'given') return tracker.urls.map((url) => [url]);
  return embedded ? announceUrls(host, embedded.port) : [];
}

async function openTracker({ tracker, host, listen }: Settings): Promise<Tracker | undefined> {
  if (tracker.kind !== 'embedded') return undefined;
  const { startTracker } = await import('./tracker/start-tracker.js');
  const port = tracker.port === undefined ? { from: FIRST_TRACKER_PORT } : { asked: tracker.port };
  const opening = startTracker({ host, listen, port, admit: 'registered' });
  return namePortOption('--tracker-port', tracker.port, opening);
}

async function openEngine(settings: Settings, tracker: Tracker | undefined): Promise<Engine> {
  const { startEngine } = await import('./engine/webtorrent-engine.js');
  const { host, listen, port, usesDht, downBytesPerSecond, upBytesPerSecond } = settings;
  const opening = startEngine({
    host,
    listen,
    port,
    dht: usesDht,
    downBytesPerSecond,
    upBytesPerSecond,
    trackerRoutes: tracker ? routesTo(tracker, host, listen) : new Map(),
  });
  return namePortOption('--port', port === 0 ? undefined : port, opening);
}

/** The embedded tracker is asked where it listens: behind a NAT, the address peers use may not lead back here. */
function routesTo({ port }: Tracker, host: string, listen: string): ReadonlyMap<string, string> {
  const near = listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen;
  return new Map([[authority(host, port), authority(near, port)]]);
}
