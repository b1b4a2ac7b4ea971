// What the thread for small files is asked for, and what it answers: plain data.

/** Puts a whole file in its place: `create` leaves alone what lies there, and says whether it is the same. */
export interface WriteTask {
  readonly kind: 'create' | 'replace';
  readonly path: string;
  /** What it is called in the same folder until it is whole. */
  readonly temporary: string;
  readonly bytes: Uint8Array;
  /** For open(2), to read what lies there. */
  readonly flags: number;
  readonly isSynced: boolean;
}

/** The bytes of a regular file, if it is not too large. */
export interface ReadTask {
  readonly kind: 'read';
  readonly path: string;
  /** For open(2). */
  readonly flags: number;
  /** To open a device can do things, and what a user names may be one: it is looked at first. */
  readonly looksFirst: boolean;
  readonly maxBytes: number;
}

/** Whether anything lies at any of these paths, be it a link that leads nowhere. */
export interface LookTask {
  readonly kind: 'look';
  readonly paths: readonly string[];
}

export type FileTask = WriteTask | ReadTask | LookTask;

export type FileAnswer =
  | { readonly kind: 'done' }
  /** Nothing lies there. */
  | { readonly kind: 'nothing' }
  /** Something lies there, and was left alone. */
  | { readonly kind: 'taken' }
  /** What lies there is a file of the very same bytes, and was left alone. */
  | { readonly kind: 'same' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly mtimeNs: bigint }
  /** It has its name, but the disk has not confirmed the folder. */
  | { readonly kind: 'unsynced' }
  /** Something is out of the ordinary. Nothing was changed: it is done the longer way, which says what is wrong. */
  | { readonly kind: 'undone' };
