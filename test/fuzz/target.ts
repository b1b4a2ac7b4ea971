// What a fuzz target is: a parser of bytes that others send, with samples to start from, and what must be true of it.
import type { Random } from '../support/random.js';

export interface Target {
  /** Also the name of its folder in test/fuzz/corpus. */
  readonly name: string;
  /** What is tried, in a few words. */
  readonly about: string;
  /** Valid inputs, from which others are made. */
  samples(): readonly Uint8Array[];
  /** Makes another input of `bytes`; `others` are the samples and what was saved in the corpus. */
  mutate(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array;
  /** Sets up what the input is given to: nothing, or real sockets on loopback. */
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Gives `bytes` to the parser; throws, or rejects, only for a real finding. */
  run(bytes: Uint8Array): void | Promise<void>;
  /** The last check, if there is one; throws likewise. */
  close(): Promise<void>;
}

/** An invariant that is broken. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export function check(isTrue: boolean, otherwise: () => string): asserts isTrue {
  if (!isTrue) throw new Finding(otherwise());
}

/** For parsers without a socket. */
export function pure(run: (bytes: Uint8Array) => void | Promise<void>): () => Promise<OpenTarget> {
  return async () => ({ run, close: async () => {} });
}
