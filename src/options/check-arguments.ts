// What the library's caller hands over, looked at before anything is begun: types tell those alone who compile. Nothing
// here knows what a path or a source means.
import type { InputLine } from '../../machines/types.js';
import { type ErrorCode, HelperError } from '../errors.js';

const shortestPaceMs = 100;
/** Of a timer. */
const longestPaceMs = 2 ** 31 - 1;

/** Throws OPTION_INVALID for what is no object, or has a key that is not among these. `whose`: for the message. */
export function checkKeys(whose: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalidOption(`the options of ${whose}`, options, 'an object');
  }
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown === undefined) return;
  throw new HelperError(
    'OPTION_INVALID',
    `${whose} has no option ${JSON.stringify(unknown)}; expected ${keys.join(', ')}`,
  );
}

/** Throws OPTION_INVALID for what is neither an AbortSignal nor undefined. */
export function checkSignal(whose: string, signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw invalidOption(`the option signal of ${whose}`, signal, 'an AbortSignal');
}

/** Throws INSTRUCTION_INVALID for what can be no path or source. */
export function checkGiven(kind: 'seed' | 'download', given: unknown): void {
  const reason = flawOf(given);
  if (reason === undefined) return;
  const isUrl = given instanceof URL;
  const instead = isUrl && kind === 'seed' ? '; give fileURLToPath(url)' : '; give its href';
  throw new HelperError('INSTRUCTION_INVALID', `${kind}: ${reason}${isUrl ? instead : ''}`);
}

/** Throws INSTRUCTION_INVALID for what holds no bytes of metainfo. */
export function checkMetainfo(source: unknown): void {
  if (typeof source !== 'object' || source === null || !('metainfo' in source)) {
    checkGiven('download', source);
    return;
  }
  const { metainfo } = source;
  if (metainfo instanceof Uint8Array && metainfo.length > 0) return;
  const expected = 'expected the bytes of a .torrent file as { metainfo: Uint8Array }';
  throw new HelperError('INSTRUCTION_INVALID', `download: ${expected}, not ${shown(metainfo)}`);
}

/** What is asked of a job that is to begin. Throws OPTION_INVALID. */
export function checkJobOptions(
  kind: 'seed' | 'download',
  options: { signal?: unknown; key?: unknown; dir?: unknown; paused?: unknown },
): void {
  const ofDownload = kind === 'download' ? ['dir', 'paused'] : [];
  checkKeys(kind, options, ['signal', 'key', ...ofDownload]);
  const { signal, key, dir, paused } = options;
  checkSignal(kind, signal);
  if (key !== undefined && !isKey(key)) {
    throw invalidOption(`the option key of ${kind}`, key, `1 to ${maxKeyLength} characters`);
  }
  if (dir !== undefined && flawOf(dir) !== undefined) {
    throw invalidOption(`the option dir of ${kind}`, dir, 'the path of a folder');
  }
  if (paused !== undefined && typeof paused !== 'boolean') {
    throw invalidOption(`the option paused of ${kind}`, paused, 'true or false');
  }
}

/** Characters of a key. */
const maxKeyLength = 128;

/** What is half a character cannot be written down. */
export function isKey(key: unknown): key is string {
  if (typeof key !== 'string' || key === '' || key.length > 2 * maxKeyLength) return false;
  return [...key].length <= maxKeyLength && !/\p{Surrogate}/u.test(key);
}

export function checkEventsOptions(options: { signal?: unknown }): void {
  checkKeys('events', options, ['signal']);
  checkSignal('events', options.signal);
}

/** Throws INSTRUCTION_INVALID for what is neither a string nor a line as it was read. */
export function checkLine(line: string | InputLine): void {
  if (typeof line === 'string' || isInputLine(line)) return;
  throw new HelperError(
    'INSTRUCTION_INVALID',
    `send: expected a string, or a line with kind, text and ended, not ${shown(line)}`,
  );
}

export function checkChangesOptions<T extends { signal?: unknown; until?: unknown }>(
  options: T,
): T {
  checkKeys('changes', options, ['signal', 'until']);
  checkSignal('changes', options.signal);
  if (options.until !== undefined && options.until !== 'done' && options.until !== 'end') {
    throw invalidOption('the option until of changes', options.until, 'done or end');
  }
  return options;
}

/** Of a job. */
export function checkStatsOptions<T extends { everyMs?: unknown; signal?: unknown }>(
  options: T,
  keys: readonly string[] = ['everyMs', 'signal'],
  whose = 'statsChanges',
): T {
  checkKeys(whose, options, keys);
  checkSignal(whose, options.signal);
  const { everyMs } = options;
  const isPace =
    typeof everyMs === 'number' && everyMs >= shortestPaceMs && everyMs <= longestPaceMs;
  if (everyMs === undefined || isPace) return options;
  const expected = `a number of milliseconds from ${shortestPaceMs} to ${longestPaceMs}`;
  throw invalidOption(`the option everyMs of ${whose}`, everyMs, expected);
}

/** Of a job. */
export function checkSwarmOptions<T extends { everyMs?: unknown; signal?: unknown }>(
  options: T,
): T {
  return checkStatsOptions(options, ['everyMs', 'signal'], 'swarmChanges');
}

/** Of the helper. */
export function checkAllStatsOptions<
  T extends { everyMs?: unknown; signal?: unknown; ids?: unknown },
>(options: T): T {
  const { ids } = checkStatsOptions(options, ['everyMs', 'signal', 'ids']);
  if (ids === undefined || (Array.isArray(ids) && ids.every(Number.isSafeInteger))) return options;
  throw invalidOption('the option ids of statsChanges', ids, 'an array of ids of jobs');
}

/** INSTRUCTION_INVALID for what can be no folder. */
export function checkMove(dir: unknown): HelperError | undefined {
  const reason = flawOf(dir);
  return reason === undefined
    ? undefined
    : new HelperError('INSTRUCTION_INVALID', `move: ${reason}`);
}

export function checkRemoveOptions(options: { data?: unknown }): HelperError | undefined {
  try {
    checkKeys('remove', options, ['data']);
  } catch (error) {
    return error instanceof HelperError ? error : undefined;
  }
  const { data } = options;
  if (data === undefined || typeof data === 'boolean') return undefined;
  return invalidOption('the option data of remove', data, 'true or false');
}

export function invalidOption(what: string, value: unknown, expected: string): HelperError {
  const code: ErrorCode = 'OPTION_INVALID';
  return new HelperError(code, `${what}: expected ${expected}, not ${shown(value)}`);
}

function flawOf(given: unknown): string | undefined {
  if (typeof given !== 'string') return `expected a string, not ${shown(given)}`;
  if (given === '') return 'expected a path or a source, not an empty string';
  return given.includes('\0') ? 'holds a NUL character, which no path or source may' : undefined;
}

function isInputLine(line: unknown): line is InputLine {
  if (typeof line !== 'object' || line === null) return false;
  if (!('kind' in line && 'ended' in line && typeof line.ended === 'boolean')) return false;
  if (line.kind === 'text') return 'text' in line && typeof line.text === 'string';
  const isFault = line.kind === 'fault' && 'head' in line && typeof line.head === 'string';
  return isFault && 'fault' in line && (line.fault === 'too-long' || line.fault === 'not-utf8');
}

/** A value of any type in a few words. */
function shown(value: unknown): string {
  if (value instanceof URL) return 'a URL object';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || ['undefined', 'number', 'boolean', 'bigint'].includes(typeof value)) {
    return String(value);
  }
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
