// Who asked for what takes a while, and may leave before it is there. An AbortSignal alone would do, but costs as much as a small
// job's look at the disk: so it is made when somebody listens to it, which few do.

export interface Asker {
  /** Nobody waits for it any more. Costs nothing to ask. */
  readonly hasLeft: boolean;
  /** Aborts when the asker leaves. */
  readonly signal: AbortSignal;
}

export function askerWith(signal: AbortSignal): Asker {
  return {
    get hasLeft() {
      return signal.aborted;
    },
    signal,
  };
}

/** Throws the signal's reason when the asker has left. */
export function mustStay(asker: Asker): void {
  if (asker.hasLeft) throw asker.signal.reason;
}
