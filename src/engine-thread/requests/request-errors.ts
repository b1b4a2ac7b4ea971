// What is told of a request that the host itself answers.
import { HelperError } from '../../errors.js';

/** The torrent that brings the engine down so often is not joined again. */
export const mostCrashes = 3;

export function closedBefore(what: string): HelperError {
  return new HelperError('CLOSED', `the helper was closed before ${what}`);
}

export function tooLarge(infoHash: string): HelperError {
  return new HelperError(
    'TORRENT_TOO_LARGE',
    `torrent ${infoHash} has more pieces or files than there is memory for; Node’s --max-old-space-size may give it more`,
  );
}

export function waitsForMemory(): HelperError {
  return new HelperError(
    'WAITING_FOR_MEMORY',
    'there is no memory for its pieces and files beside those of the torrents at work; it waits its turn, until others are paused, removed or done',
  );
}

/** Its own code threw or hung. */
export function broughtDown(infoHash: string, { message }: HelperError): HelperError {
  return new HelperError(
    'ENGINE_CRASH',
    `torrent ${infoHash} has brought the engine down ${mostCrashes} times, and is not joined again; this is a bug: please report it, with what was told last: ${message}`,
  );
}

/** Nobody's code is known to have done it. */
export function outOfMemory(infoHash: string): HelperError {
  return new HelperError(
    'ENGINE_CRASH',
    `the engine ran out of memory ${mostCrashes} times while torrent ${infoHash} was being joined or was the largest, so it is not joined again`,
  );
}
