// The options of a helper, checked, with every default filled in.
import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InspectionEvent, Observer } from 'xstate';
import type { Diagnostic } from '../../machines/types.js';
import { HelperError, systemCode } from '../errors.js';
import { parseRate } from '../protocol/parse-rate.js';
import { platformStateDir } from './state-directory.js';

/** What the end of the instructions means; see the README's "Lifecycle". */
export type OnEof = 'finish' | 'stop' | 'seed';

/** The options of the command line in camelCase, and what only a library can take. */
export interface HelperOptions {
  /** Where made `.torrent` files are written, and relative ones are looked up. Default: the current directory. */
  readonly torrentDir?: string | undefined;
  /** Where content is downloaded to. Default: the current directory. */
  readonly downloadDir?: string | undefined;
  /** Announce to these trackers (http, https, udp) instead of the embedded one. */
  readonly tracker?: string | readonly string[] | undefined;
  /** Make trackerless torrents and start no tracker; needs `public`. */
  readonly noTracker?: boolean | undefined;
  /** The IP address by which peers reach this machine. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  /** The IP address that the peer port and the embedded tracker listen on. Default: `host`. */
  readonly listen?: string | undefined;
  /** The peer port. Default: a free one. */
  readonly port?: number | undefined;
  /** The port of the embedded tracker. Default: 6969, or the next free one. */
  readonly trackerPort?: number | undefined;
  /** Let what is made here be found by DHT and peer exchange too. Default: made torrents are private. */
  readonly public?: boolean | undefined;
  /** Never use the DHT. */
  readonly noDht?: boolean | undefined;
  /** Limits for all torrents together: bytes a second, or `500K`, `2M` (powers of 1024). Default: none. */
  readonly down?: number | string | undefined;
  readonly up?: number | string | undefined;
  /** A download without progress for so many seconds fails with `STALLED`. Default: never. */
  readonly giveUp?: number | undefined;
  /** Keeps the jobs under this name: the next helper with it goes on with them. Default: nothing is kept but what was downloaded. */
  readonly session?: string | undefined;
  /** Where sessions and resume information lie. Default: the platform's state directory. */
  readonly stateDir?: string | undefined;
  /** So many jobs live in the engine; the rest are `queued`, in order. Default: 200 at work, and any number that seed or are paused. */
  readonly maxActive?: number | undefined;
  /** Moves the data of a download there when it is complete, and seeds on from there. */
  readonly moveCompleted?: string | undefined;
  /** What `end()` means. Default: finish. */
  readonly onEof?: OnEof | undefined;
  /**
   * Where the engine's file lies, `bittorrent-helper/engine-worker`: for a program that was bundled. Default: where this package
   * has it, or beside the program.
   */
  readonly engineWorkerUrl?: URL | string | undefined;
  /** Watches the machines, the engine's as well, which is a system of its own. One that throws harms nothing. */
  readonly inspect?:
    | Observer<InspectionEvent>
    | ((inspectionEvent: InspectionEvent) => void)
    | undefined;
  /** Hears what the command line would write to stderr. */
  readonly onDiagnostic?: ((diagnostic: Diagnostic) => void) | undefined;
  /** Closes the helper when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export type TrackerChoice =
  | { readonly kind: 'embedded'; readonly port: number | undefined }
  | { readonly kind: 'given'; readonly urls: readonly string[] }
  | { readonly kind: 'none' };

/** Every option with its value, checked. */
export interface ResolvedOptions {
  readonly torrentDir: string;
  readonly downloadDir: string;
  readonly tracker: TrackerChoice;
  /** Trackers given by the user, as tiers; they are asked for fetched torrents too, unless these are private. */
  readonly addedTrackers: readonly (readonly string[])[];
  readonly host: string;
  readonly listen: string;
  /** 0: a free one. */
  readonly port: number;
  readonly isPublic: boolean;
  readonly usesDht: boolean;
  readonly downBytesPerSecond: number | undefined;
  readonly upBytesPerSecond: number | undefined;
  readonly giveUpMs: number | undefined;
  readonly onEof: OnEof;
  readonly session: string | undefined;
  readonly stateDir: string;
  /** Whether the state directory was asked for by name: one that cannot be used is then an error. */
  readonly isStateDirGiven: boolean;
  readonly maxActive: number;
  /** Jobs at rest are not counted among these. */
  readonly isRestFree: boolean;
  readonly moveCompleted: string | undefined;
  /** Undefined: it is looked for. */
  readonly engineWorkerUrl: URL | undefined;
}

const MAX_GIVE_UP_SECONDS = 2_000_000;
const MAX_ACTIVE = 10_000;

/** Throws OPTION_INVALID for what is malformed or does not go together. */
export function resolveOptions(options: HelperOptions): ResolvedOptions {
  const host = ipAddress('host', options.host ?? '127.0.0.1');
  const tracker = trackerChoice(options);
  return {
    torrentDir: directory('torrentDir', options.torrentDir ?? '.'),
    downloadDir: directory('downloadDir', options.downloadDir ?? '.'),
    tracker,
    addedTrackers: tracker.kind === 'given' ? tracker.urls.map((url) => [url]) : [],
    host,
    listen: ipAddress('listen', options.listen ?? host),
    port: port('port', options.port) ?? 0,
    isPublic: options.public ?? false,
    usesDht: !(options.noDht ?? false),
    downBytesPerSecond: rate('down', options.down),
    upBytesPerSecond: rate('up', options.up),
    giveUpMs: giveUpMs(options.giveUp),
    onEof: onEof(options.onEof ?? 'finish'),
    session: sessionName(options.session),
    stateDir: directory('stateDir', options.stateDir ?? platformStateDir()),
    isStateDirGiven: options.stateDir !== undefined,
    maxActive: maxActive(options.maxActive ?? 200),
    isRestFree: options.maxActive === undefined,
    moveCompleted:
      options.moveCompleted === undefined
        ? undefined
        : directory('moveCompleted', options.moveCompleted),
    engineWorkerUrl: fileUrl('engineWorkerUrl', options.engineWorkerUrl),
  };
}

function invalid(option: string, value: unknown, expected: string): HelperError {
  const flag = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return new HelperError('OPTION_INVALID', `--${flag} ${String(value)}: expected ${expected}`);
}

function directory(option: string, path: string): string {
  if (typeof path !== 'string' || path === '') throw invalid(option, path, 'the path of a folder');
  return resolve(path);
}

function fileUrl(option: string, value: URL | string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  const shown = String(value);
  const isPath = isAbsolute(shown) || (shown !== '' && !URL.canParse(shown));
  if (isPath) return pathToFileURL(resolve(shown));
  if (URL.canParse(shown) && new URL(shown).protocol === 'file:') return new URL(shown);
  throw new HelperError('OPTION_INVALID', `${option} ${shown}: expected a file: URL, or a path`);
}

function ipAddress(option: string, value: string): string {
  if (isIP(value) === 0) throw invalid(option, value, 'an IP address, such as 192.168.1.20');
  return value;
}

function port(option: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < 1 || value > 65_534) {
    throw invalid(option, value, 'a port number from 1 to 65534');
  }
  return value;
}

function rate(option: string, value: number | string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const bytesPerSecond = parseRate(value);
  if (bytesPerSecond === undefined) {
    throw invalid(option, value, 'bytes a second, or a rate such as 500K or 2M');
  }
  return bytesPerSecond;
}

function giveUpMs(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MAX_GIVE_UP_SECONDS)) {
    throw invalid('giveUp', seconds, `a number of seconds above 0, at most ${MAX_GIVE_UP_SECONDS}`);
  }
  return seconds * 1000;
}

/** A name, not a path: it becomes the name of a folder. */
function sessionName(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[\p{L}\p{N}_][\p{L}\p{N} ._@+-]{0,63}$/u.test(value)) {
    throw invalid('session', value, 'a name of up to 64 letters, digits, spaces and ._@+-');
  }
  return value;
}

function maxActive(value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > MAX_ACTIVE) {
    throw invalid('maxActive', value, `a whole number from 1 to ${MAX_ACTIVE}`);
  }
  return value;
}

function onEof(value: OnEof): OnEof {
  if (!['finish', 'stop', 'seed'].includes(value)) {
    throw invalid('onEof', value, 'finish, stop or seed');
  }
  return value;
}

function trackerChoice(options: HelperOptions): TrackerChoice {
  const urls = [options.tracker ?? []].flat();
  if (options.noTracker) {
    if (urls.length > 0) throw invalid('tracker', urls[0], 'no --tracker beside --no-tracker');
    if (!options.public) {
      throw new HelperError(
        'OPTION_INVALID',
        '--no-tracker: expected --public beside it: without a tracker only the DHT and peer exchange can find a torrent',
      );
    }
    return { kind: 'none' };
  }
  if (urls.length === 0) {
    return { kind: 'embedded', port: port('trackerPort', options.trackerPort) };
  }
  for (const url of urls) checkTrackerUrl(url);
  return { kind: 'given', urls };
}

function checkTrackerUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
  if (protocol === 'ws:' || protocol === 'wss:') {
    throw invalid(
      'tracker',
      url,
      'an http, https or udp URL: WebRTC trackers need a part that is not installed',
    );
  }
  if (protocol !== 'http:' && protocol !== 'https:' && protocol !== 'udp:') {
    throw invalid('tracker', url, 'a URL that begins with http://, https:// or udp://');
  }
}

/**
 * What `opening` resolves to: what opens ports does not know of options. Its PORT_TAKEN then begins with the option, such
 * as `--port 6881`, if a port was asked for.
 */
export async function namePortOption<T>(
  option: string,
  port: number | undefined,
  opening: Promise<T>,
): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    // With an address that is not this machine's, no other port would be better.
    const isPort = error instanceof HelperError && systemCode(error.cause) !== 'EADDRNOTAVAIL';
    if (port === undefined || !isPort || error.code !== 'PORT_TAKEN') throw error;
    throw new HelperError('PORT_TAKEN', `${option} ${port}: ${error.message}`, { cause: error });
  }
}
