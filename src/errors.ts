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
  KEY_TAKEN: 'a live job has this key, and was asked for something else',
  PARAMS_INVALID: 'what was handed over is not what the method takes',
  WAIT_TIMEOUT: 'what was waited for did not come in the time given',
  CONTROL_DENIED: 'who watches over a socket may not change anything',
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
  SOCKET_BUSY: 'another helper listens on the socket',
  SOCKET_UNUSABLE: 'the socket cannot be made, or its folder is open to others',
  EVENTS_LOST: 'events were not read in time, and are lost',
  HELPER_LOST: 'the helper that a client speaks to has ended, or does not answer',
  STDOUT_UNWRITABLE: 'stdout cannot be written, for another reason than that its reader has gone',
  INSPECTOR_NOT_FOUND:
    'the files of the inspector’s page are not there, as where a program was bundled without them',
  PORT_TAKEN: 'a port that was asked for is in use, or its address is not this machine’s',
  ENGINE_NOT_FOUND:
    'the file of the engine’s thread is not there, as where a program was bundled without it',
  RECORDING_EXISTS: 'something that is no recording lies where one would be written',
  RECORDING_UNWRITABLE: 'the recording cannot be written, or cannot be written any further',
  RECORDING_UNREADABLE: 'there is no recording at the path, or it cannot be read',
  CLOSED: 'the helper was closed before the job was done',
  REMOVED: 'the job was removed before it was done',
  LISTENER_FAILED: 'what the program gave to be called, onDiagnostic or inspect, threw',
  INTERNAL: 'a bug in this program',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** What to do about each, where its message says no more. */
const errorHelp: Readonly<Record<ErrorCode, string>> = {
  INSTRUCTION_INVALID: 'Write one instruction a line, as UTF-8 of at most 64 KiB.',
  INPUT_UNSUPPORTED: 'Write UTF-8 to stdin.',
  JOB_UNKNOWN: 'List the jobs to see which are live; one that ended keeps no id.',
  REFUSED: 'See the message for why this job cannot do that now.',
  KEY_TAKEN: 'Choose another key, or remove the job that has it.',
  PARAMS_INVALID: 'Compare the params with what the reference says of the method.',
  WAIT_TIMEOUT: 'Wait again, or for longer; the job goes on.',
  CONTROL_DENIED: 'Ask the parent, or start the helper with --socket-control.',
  CONTENT_NOT_FOUND: 'Give the path of a file or folder that is there.',
  CONTENT_EMPTY: 'Publish content that holds at least one byte.',
  CONTENT_UNSUPPORTED: 'Publish regular files and folders, whose names are UTF-8.',
  CONTENT_UNREADABLE: 'Let this user read every file of the content.',
  CONTENT_CHANGED: 'Leave the content as it is while it is published, and publish it anew.',
  TORRENT_UNWRITABLE: 'Make room and let this user write in the folder of --torrent-dir.',
  SOURCE_INVALID: 'Give a URL, a path, a magnet link, or an info hash.',
  TORRENT_NOT_FOUND: 'Give the path of a .torrent file that is there.',
  TORRENT_UNREADABLE: 'Give a regular .torrent file that this user may read.',
  HTTP_STATUS: 'Look whether the URL is right and whether it wants a login.',
  HTTP_UNREACHABLE: 'Look after the network, the proxy, and the name of the server.',
  HTTP_TIMEOUT: 'Try again when the server is less busy.',
  HTTP_REDIRECTS: 'Give the URL that the server finally leads to.',
  HTTP_FORBIDDEN: 'Give the redirected URL itself if it is meant.',
  TOO_LARGE: 'Look whether it is a .torrent file at all.',
  METAINFO_INVALID: 'Get the .torrent file anew; this one is damaged or none.',
  METAINFO_UNSUPPORTED: 'Get a torrent of BitTorrent v1, or a hybrid.',
  SELECTION_UNSUPPORTED: 'Nothing need be done; every file is downloaded.',
  PEER_UNREACHABLE: 'Nothing need be done; other peers are looked for.',
  LINKS_SKIPPED: 'Make the links by hand where they are needed.',
  METAINFO_FLAWED: 'Nothing need be done; tell whoever made the torrent.',
  NAMES_MENDED: 'Look for the content under the names as they were changed.',
  DUPLICATE: 'Use the job that holds the torrent, or remove it first.',
  DESTINATION_EXISTS: 'Move away what lies there, or choose another folder.',
  DISK_FULL: 'Make room on the disk.',
  DISK_READ_ONLY: 'Mount the disk so that it can be written.',
  DISK_DENIED: 'Let this user read and write there.',
  DISK_GONE: 'Put the disk or the file back.',
  FILES_EXHAUSTED: 'Allow more open files (ulimit -n), or have fewer jobs at once.',
  DISK_FAILED: 'Look after the disk.',
  ENGINE_CRASH: 'Report it, with the torrent if you can.',
  TORRENT_TOO_LARGE: 'Give the helper more memory, or leave this torrent.',
  WAITING_FOR_MEMORY: 'Wait, or remove jobs that need not go on.',
  TRACKER_UNREACHABLE: 'Look after the network and the tracker; it is asked again.',
  TRACKER_FORBIDDEN: 'Name the tracker yourself with --tracker if it is meant.',
  TRACKER_WARNING: 'Read what the tracker says.',
  STALLED: 'Look for seeders and whether this machine can reach them, and give it again.',
  OPTION_INVALID: 'Compare the options with what --help says.',
  SESSION_BUSY: 'Stop the helper that has the session, or choose another name.',
  SESSION_DAMAGED: 'Give the instruction of that job again.',
  STATE_UNWRITABLE: 'Make room and let this user write in the state directory.',
  SOCKET_BUSY: 'Choose another path, or stop the helper that listens there.',
  SOCKET_UNUSABLE: 'Choose a path in a folder of your own that nobody else may write to.',
  EVENTS_LOST: 'Read on without a pause, and ask for the jobs anew.',
  HELPER_LOST: 'Start a helper again, and give it the jobs under their keys.',
  STDOUT_UNWRITABLE: 'Look after what stdout leads to.',
  INSPECTOR_NOT_FOUND:
    'Leave the package unbundled, or copy its dist/inspector beside the program.',
  PORT_TAKEN: 'Choose another port, or none, so that a free one is taken.',
  ENGINE_NOT_FOUND: 'Leave the package unbundled, or say where the file is (engineWorkerUrl).',
  RECORDING_EXISTS: 'Name another file, or move away what lies there.',
  RECORDING_UNWRITABLE: 'Make room and let this user write in the folder of --inspect-record.',
  RECORDING_UNREADABLE: 'Give the path of a file that --inspect-record has written.',
  CLOSED: 'Start a helper again, and give it the job anew.',
  REMOVED: 'Give the job anew if it is still wanted.',
  LISTENER_FAILED: 'Mend the function that was given to the helper.',
  INTERNAL: 'Report it, with the message and what led to it.',
};

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

/** As well, of what is not tried again by itself: it may go otherwise when it is asked for later. */
const laterCodes: ReadonlySet<ErrorCode> = new Set([
  'WAIT_TIMEOUT',
  'CONTENT_CHANGED',
  'HTTP_UNREACHABLE',
  'HTTP_TIMEOUT',
  'WAITING_FOR_MEMORY',
  'TRACKER_UNREACHABLE',
  'STALLED',
  'SESSION_BUSY',
  'STATE_UNWRITABLE',
  'RECORDING_UNWRITABLE',
  'SOCKET_BUSY',
  'PORT_TAKEN',
  'HELPER_LOST',
  'CLOSED',
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

  /** Whether the same may go well later, tried by itself or asked for again, though nothing is changed about the request. */
  get retryable(): boolean {
    return isRetryable(this.code);
  }

  /** What to do about it, in a sentence. */
  get help(): string {
    return helpOf(this.code);
  }

  /** Whether something else lies in the way of what was to be done. */
  get isObstacle(): boolean {
    return obstacleCodes.has(this.code);
  }
}

/**
 * What another thread has told of. Where it was made here says nothing, and costs more than what failed; of a bug it is kept, as
 * little as it may say.
 */
export function toldError({ code, message }: Pick<Failure, 'code' | 'message'>): HelperError {
  if (code === 'INTERNAL') return new HelperError(code, message);
  const stackTraceLimit: unknown = Reflect.get(Error, 'stackTraceLimit');
  // Where a program has frozen it, nothing is saved.
  Reflect.set(Error, 'stackTraceLimit', 0);
  const error = new HelperError(code, message);
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  return error;
}

export function isRetryable(code: ErrorCode): boolean {
  return transientCodes.has(code) || obstacleCodes.has(code) || laterCodes.has(code);
}

export function helpOf(code: ErrorCode): string {
  return errorHelp[code];
}

/** Gives any thrown value a code: ours as it stands, anything else as a bug. */
export function toHelperError(thrown: unknown): HelperError {
  if (thrown instanceof HelperError) return thrown;
  // What is read from a bundle of its own has a class of its own.
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (isErrorCode(code)) return new HelperError(code, messageOf(thrown), { cause: thrown });
  return new HelperError('INTERNAL', `bug: ${messageOf(thrown)}`, { cause: thrown });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
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
