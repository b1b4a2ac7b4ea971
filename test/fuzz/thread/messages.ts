// What the thread that watches and the thread that tries a target tell each other.

export interface WorkerTask {
  readonly target: string;
  readonly seed: number;
  readonly until: { readonly executions: number } | { readonly seconds: number };
  readonly saved: readonly Uint8Array[];
  /** Of the current input. */
  readonly memory: SharedArrayBuffer;
}

export type WorkerReport =
  | {
      readonly type: 'found';
      readonly input: Uint8Array;
      readonly showed: string;
      readonly isRepeatable: boolean;
    }
  | { readonly type: 'done'; readonly executions: number };
