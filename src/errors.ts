// The closed list of what can go wrong, and the one class of error that leaves this package.
/**
 * Every code a user can meet, with what it means. Codes are stable: programs match on them.
 * The README's table is checked against this list.
 */
export const errorCodes = {
  // The instruction is wrong: answered, nothing started.
  INSTRUCTION_INVALID: 'the instruction is empty, too long, not UTF-8, or none at all',
  INPUT_UNSUPPORTED: 'stdin is UTF-16; it must be UTF-8',
  JOB_UNKNOWN: 'no live job has this id',
  REFUSED: 'the instruction does not fit this job',
  // Making and writing a torrent.
  CONTENT_NOT_FOUND: 'there is nothing at the path to publish',
  CONTENT_EMPTY: 'the file or folder holds no bytes, so there is nothing to send',
  CONTENT_UNSUPPORTED:
    'a FIFO, socket, device, looping or dangling link, or a name that is not UTF-8',
  CONTENT_UNREADABLE: 'a file of the content cannot be read',
  CONTENT_CHANGED: 'the content changed while it was read, or after it was published or downloaded',
  TORRENT_UNWRITABLE: 'the .torrent file cannot be written',
  // Fetching metainfo.
  SOURCE_INVALID: 'the source is neither a URL, a path, a magnet link, nor an info hash',
  TORRENT_NOT_FOUND: 'there is no .torrent file at the path',
  TORRENT_UNREADABLE: 'the .torrent file cannot be read',
  HTTP_STATUS: 'the web server answered with an error status',
  HTTP_UNREACHABLE: 'the web server could not be reached',
  HTTP_TIMEOUT: 'the web server took longer than allowed',
  HTTP_REDIRECTS:
    'the web server redirected too often, or to what is neither HTTP nor a magnet link',
  HTTP_FORBIDDEN: 'the web server redirected where it may not lead, as nearer to this machine',
  TOO_LARGE: 'the metainfo is larger than 32 MiB',
  METAINFO_INVALID: 'the bytes are not valid metainfo',
  METAINFO_UNSUPPORTED:
    'the torrent is of a kind this helper cannot do, such as BitTorrent v2 only',
  SELECTION_UNSUPPORTED: 'a magnet link selects files; that is not done yet, and all are fetched',
  PEER_UNREACHABLE:
    'a peer that a magnet link names cannot be found, or lies where it may not lead',
  LINKS_SKIPPED:
    'symbolic links of the torrent are not there: they lead outside, something else lies there, or the disk takes none',
  METAINFO_FLAWED: 'the .torrent file has flaws outside of what is hashed, which were read over',
  NAMES_MENDED: 'the torrent has names that cannot stand on this disk, which were changed',
  // The swarm and the disk.
  DUPLICATE: 'another job of this helper holds the same torrent',
  DESTINATION_EXISTS: 'something else lies where the download would go',
  DISK_FULL: 'the disk is full',
  DISK_READ_ONLY: 'the disk can only be read',
  DISK_DENIED: 'this user may not read or write there',
  DISK_GONE: 'a file or its disk is no longer there',
  FILES_EXHAUSTED: 'too many files are open',
  DISK_FAILED: 'the disk refused a read or a write',
  ENGINE_CRASH: 'the torrent brought the engine down three times',
  TORRENT_TOO_LARGE: 'the torrent alone has more pieces or files than there is memory for',
  WAITING_FOR_MEMORY: 'the torrents at work fill the memory; this one waits its turn',
  TRACKER_UNREACHABLE: 'a tracker could not be reached, or refused the announce',
  TRACKER_FORBIDDEN:
    'a torrent or a server named a tracker where it may not lead, so that one is not asked',
  TRACKER_WARNING: 'a tracker took the announce, and has something to say',
  STALLED: 'the download made no progress for as long as --give-up allows',
  // The helper itself.
  OPTION_INVALID: 'an option is unknown, malformed, or does not go with another',
  SESSION_BUSY: 'another helper uses the session',
  SESSION_DAMAGED: 'a job of the session cannot be read back',
  STATE_UNWRITABLE: 'the state directory cannot be written',
  STDOUT_UNWRITABLE: 'stdout cannot be written, for another reason than that its reader has gone',
  PORT_TAKEN: 'a port that was asked for is in use, or its address is not this machine’s',
  ENGINE_NOT_FOUND:
    'the file of the engine’s thread is not there, as where a program was bundled without it',
  CLOSED: 'the helper was closed before the job was done',
  REMOVED: 'the job was removed before it was done',
  LISTENER_FAILED: 'what the program gave to be called, onDiagnostic or inspect, threw',
  INTERNAL: 'a bug in this program',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** Why something failed, as data: a stable code, and a sentence that says what, where, and what to do. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  /** It may pass by itself: what failed is tried again. */
  readonly isTransient?: boolean;
  /** Something else lies in the way: a job that has begun waits until it is moved away. */
  readonly isObstacle?: boolean;
}

/** What may pass by itself: a job that meets one of these waits, and tries again. */
const transientCodes: ReadonlySet<ErrorCode> = new Set([
  'DISK_FULL',
  'DISK_READ_ONLY',
  'DISK_DENIED',
  'DISK_GONE',
  'DISK_FAILED',
  'FILES_EXHAUSTED',
]);

/** What somebody can clear away: a job that meets one of these waits, if it had begun before, and tries again. */
const obstacleCodes: ReadonlySet<ErrorCode> = new Set(['DESTINATION_EXISTS']);

/** The only error this package throws or rejects with. `message` says what, where, and what to do. */
export class HelperError extends Error {
  override readonly name = 'HelperError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether it may pass by itself, so that trying again later may help. */
  get isTransient(): boolean {
    return transientCodes.has(this.code);
  }

  /** Whether something else lies in the way of what was to be done. */
  get isObstacle(): boolean {
    return obstacleCodes.has(this.code);
  }
}

/** Gives any thrown value a code: ours as it stands, anything else as a bug. */
export function toHelperError(thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new HelperError('INTERNAL', `bug: ${what}`, { cause: thrown });
}

/** What was thrown, as data. */
export function toFailure(thrown: unknown): Failure {
  const { code, message, isTransient, isObstacle } = toHelperError(thrown);
  return { code, message, ...(isTransient && { isTransient }), ...(isObstacle && { isObstacle }) };
}

/** The `code` of a Node system error (`ENOENT`, …), or undefined. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}
