// What the helper's thread and the engine's say to each other: plain data, all of it in this file. A swarm or a search
// goes by a number of the host's own, never used twice; 0 is none.
import type { Failure, SwarmEvent } from '../../machines/types.js';
import type {
  EngineOptions,
  JoinRequest,
  MetadataFound,
  MetadataRequest,
} from '../engine/engine.js';
import { type ErrorCode, HelperError, systemCode } from '../errors.js';
import type { MetainfoData } from '../metainfo/metainfo.js';
import type { OwnAnnounce, OwnAnnounceAnswer } from '../tracker-protocol/own-announce.js';

/** Host → engine, in lists: those of one turn go over together. */
export type EngineCommand =
  /** The first, and once. */
  | { readonly type: 'open'; readonly options: PlainEngineOptions }
  | { readonly type: 'join'; readonly id: number; readonly request: PlainJoinRequest }
  /** Answered by `done`. */
  | { readonly type: 'leave'; readonly id: number; readonly call: number }
  /** Answered by an event of the swarm. */
  | { readonly type: 'verify' | 'announce'; readonly id: number }
  | { readonly type: 'search'; readonly id: number; readonly request: MetadataRequest }
  | { readonly type: 'cancel'; readonly id: number }
  /** Asks for `done` when the torrent has closed its files. */
  | { readonly type: 'left'; readonly infoHash: string; readonly call: number }
  /** `everyMs` undefined: no more. */
  | {
      readonly type: 'watch';
      readonly infoHash: string;
      readonly everyMs: number | undefined;
      readonly isDetailed?: boolean | undefined;
    }
  /** To `asks-tracker`. */
  | {
      readonly type: 'tracker-answered';
      readonly call: number;
      readonly answer: OwnAnnounceAnswer | undefined;
    }
  | { readonly type: 'prepare-to-close' }
  | { readonly type: 'close' };

/** Engine → host, likewise. */
export type EngineReport =
  | { readonly type: 'opened'; readonly peerPort: number }
  | { readonly type: 'refused'; readonly error: PlainError }
  | { readonly type: 'told'; readonly id: number; readonly event: SwarmEvent }
  | { readonly type: 'warned'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'found'; readonly id: number; readonly found: MetadataFound }
  | { readonly type: 'not-found'; readonly id: number; readonly error: PlainError }
  | { readonly type: 'done'; readonly call: number }
  /** The helper's own; answered by `tracker-answered`. */
  | { readonly type: 'asks-tracker'; readonly call: number; readonly announce: OwnAnnounce }
  | { readonly type: 'closed' }
  /** Something was thrown and nobody caught it: the last word. `infoHash`: whose code threw it. */
  | { readonly type: 'crashed'; readonly reason: string; readonly infoHash: string | undefined };

/** Functions do not cross: the tracker is asked by messages. */
export type PlainEngineOptions = Omit<EngineOptions, 'askOwnTracker'>;

/** The metainfo by its fields: a class does not cross. */
export type PlainJoinRequest = Omit<JoinRequest, 'metainfo'> & {
  readonly metainfo: MetainfoData;
};

/** A HelperError as it crosses the thread. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Of the Node error behind it, if there is one: `EADDRINUSE`, … */
  readonly systemCode: string | undefined;
}

export function plainError({ code, message, cause }: HelperError): PlainError {
  return { code, message, systemCode: systemCode(cause) };
}

export function helperError({ code, message, systemCode }: PlainError): HelperError {
  const cause = systemCode && Object.assign(new Error(systemCode), { code: systemCode });
  return new HelperError(code, message, cause ? { cause } : {});
}
