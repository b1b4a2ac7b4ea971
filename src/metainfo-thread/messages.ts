// What the helper and the thread that makes and reads metainfo say to each other. Plain data: classes do not cross.
import type { ErrorCode } from '../errors.js';
import type { MakeRequest } from '../metainfo/create/make-metainfo.js';
import type { SharedFiles } from '../metainfo/create/threads/shared-files.js';
import type { MetainfoData } from '../metainfo/metainfo.js';
import type { Unparsed } from '../metainfo/parse/parse-as.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly stateDir: string | undefined;
}

/** To the thread, several at a time. The first two are each answered once, or have failed. */
export type Order =
  | { readonly type: 'make'; readonly id: number; readonly request: PlainMakeRequest }
  | {
      readonly type: 'parse';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly as: Unparsed;
    }
  | { readonly type: 'hashed'; readonly id: number; readonly hashes: Uint8Array }
  | { readonly type: 'cancel'; readonly id: number };

/** The announce URLs are put in where they are known, and the cache is the thread's own. */
export type PlainMakeRequest = Omit<MakeRequest, 'announce' | 'hashCache' | 'threads'>;

/** From the thread. */
export type Report =
  | { readonly type: 'made'; readonly id: number; readonly made: MadeData }
  | { readonly type: 'parsed'; readonly id: number; readonly metainfo: MetainfoData }
  /** Much content: it is hashed by threads that all jobs share, and answered by `hashed` or `cancel`. */
  | {
      readonly type: 'hash';
      readonly id: number;
      readonly files: SharedFiles;
      readonly pieceLengthBytes: number;
    }
  | {
      readonly type: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
    };

export interface MadeData {
  readonly metainfo: MetainfoData;
  readonly contentPath: string;
  readonly stamps: string;
}
