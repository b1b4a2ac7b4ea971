// The steps of a torrent's life: what each is given and gives back. The system provides the actors that do them.
import { type AnyActorRef, fromCallback, fromPromise } from 'xstate';
import { notProvided } from './not-provided.js';
import type { Failure, GivenMetainfo, LocatedTorrent, Publication, SavedState } from './types.js';

export interface SwarmInput {
  readonly id: number;
  readonly located: LocatedTorrent | undefined;
  readonly role: 'seed' | 'download';
  /** What lies there is read as a whole, whatever is known of it. */
  readonly verify?: boolean | undefined;
}

/** What its job may ask of a swarm. */
export type SwarmCommand =
  /** Answered by `swarm.verified`; for complete content. */
  | { readonly type: 'swarm.verify' }
  /** Answered by `swarm.announced` or `swarm.announceFailed`. */
  | { readonly type: 'swarm.announce' };

export interface MakeInput {
  readonly id: number;
  readonly path: string;
  /** Where the content lies now, if it is no longer at the path. */
  readonly contentPath?: string | undefined;
}

export interface FetchInput {
  readonly id: number;
  readonly source: string;
  /** What came instead of a source. */
  readonly metainfo?: GivenMetainfo | undefined;
  /** The folder that the content is to lie in, if it was given one of its own. */
  readonly dir?: string | undefined;
  readonly job: AnyActorRef;
  readonly saved: SavedState | undefined;
}

export interface DeleteInput {
  readonly id: number;
  readonly located: LocatedTorrent | undefined;
  readonly dir?: string | undefined;
  readonly saved?: SavedState | undefined;
}

export const torrentSteps = {
  makeMetainfo: fromPromise<LocatedTorrent, MakeInput>(() => notProvided('makeMetainfo')),
  writeMetainfo: fromPromise<Publication, { located: LocatedTorrent | undefined }>(() =>
    notProvided('writeMetainfo'),
  ),
  fetchMetainfo: fromPromise<LocatedTorrent, FetchInput>(() => notProvided('fetchMetainfo')),
  joinSwarm: fromCallback<SwarmCommand, SwarmInput>(() => notProvided('joinSwarm')),
  /** Resolves with what is to be said of files that were left, because nothing shows that they are the job's. */
  deleteContent: fromPromise<Failure | undefined, DeleteInput>(() => notProvided('deleteContent')),
};
