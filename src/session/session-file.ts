// What a session saves beside its jobs, as JSON. Pure.
import { decodeVersioned, encodeChecked, FileFlaw } from '../files/versioned-json.js';
import { highestId } from './job-file.js';

/** The ports a helper used, so that the next one can be found where this one was. */
export interface SavedPorts {
  readonly peerPort?: number | undefined;
  readonly trackerPort?: number | undefined;
}

export interface SessionState {
  /** The highest id ever used; 0 if none was. */
  readonly lastId: number;
  readonly ports: SavedPorts;
}

const version = 1;

export const sessionFileName = 'session.json';
export const maxSessionFileBytes = 64 * 1024;

export function encodeSession({ lastId, ports }: SessionState): Uint8Array {
  const { peerPort, trackerPort } = ports;
  return encodeChecked(version, { lastId, peerPort, trackerPort });
}

/** Throws FileFlaw. */
export function readSession(bytes: Uint8Array): SessionState {
  const { lastId, peerPort, trackerPort } = decodeVersioned(bytes, version);
  // The next job must be one that can be saved.
  if (!isWithin(lastId, 0, highestId - 1)) throw new FileFlaw('has no valid last id');
  return {
    lastId,
    ports: { peerPort: readPort(peerPort), trackerPort: readPort(trackerPort) },
  };
}

function readPort(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (!isWithin(value, 1, 65_535)) throw new FileFlaw('has a port that is none');
  return value;
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
