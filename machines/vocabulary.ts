// The words the machines speak: types only, shared with everything that talks to them.

/** What a parent may ask for, as named by the instruction parser. */
export type Instruction =
  | JobInstruction
  | { readonly kind: 'pause' | 'resume' | 'remove' | 'delete'; readonly id: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'not-understood'; readonly line: string };

/** An instruction that begins a job, and so takes the next id, whatever becomes of it. */
export type JobInstruction =
  | { readonly kind: 'seed'; readonly path: string }
  | { readonly kind: 'download'; readonly source: string }
  /** It begins like a job but cannot be one: empty, too long, or not UTF-8. `given` is what can be shown of it. */
  | { readonly kind: 'misfit'; readonly given: string; readonly failure: Failure };

/** Why something failed, as data: a stable code, and a sentence that says what, where, and what to do. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Where a job stands; each is a state of the torrent machine. */
export type JobState =
  | 'making'
  | 'writing'
  | 'fetching'
  | 'registering'
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'paused'
  | 'failed'
  | 'removed';

/** -1: the metainfo is known. 0 to 100: whole percents verified. -2: failed for good. */
export type Percent = number;

/** One line of progress. */
export interface Change {
  readonly id: number;
  /** The path as given for a seed; the torrent's name for a download, or its source while there is no name. */
  readonly file: string;
  readonly percent: Percent;
  readonly state: JobState;
  /** True when `list:` asked to hear it again. */
  readonly repeated: boolean;
}

/** What the torrent machine knows of its torrent; src's Metainfo is one of these. */
export interface Torrent {
  readonly infoHash: string;
  readonly name: string;
  readonly lengthBytes: number;
  readonly isPrivate: boolean;
}

/** How a job ended. `completed`: a download reached 100, or a seed was published, before its end. */
export interface Outcome {
  readonly end: 'failed' | 'removed';
  readonly completed: boolean;
}

/** What a person is told on stderr, as data. */
export type Diagnostic =
  | { readonly kind: 'failed'; readonly id: number; readonly file: string; readonly failure: Failure }
  | { readonly kind: 'warning'; readonly id?: number; readonly file?: string; readonly failure: Failure }
  /** An instruction that could not be carried out, though no job failed by it. */
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'not-understood'; readonly line: string }
  | {
      readonly kind: 'published';
      readonly id: number;
      readonly file: string;
      readonly torrentFile: string;
      readonly infoHash: string;
      readonly magnetUri: string;
    }
  | { readonly kind: 'done'; readonly id: number; readonly file: string; readonly contentPath: string }
  | { readonly kind: 'removed'; readonly id: number; readonly file: string };
