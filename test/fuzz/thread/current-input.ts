// The input a worker is busy with, in memory that both threads see: if the worker hangs or dies, it is known on what.

const longestBytes = 256 * 1024;
const headerBytes = 8;

/** Shared with a worker as its `memory`. */
export interface CurrentInput {
  readonly memory: SharedArrayBuffer;
  /** Called by the worker before each execution. */
  begin(input: Uint8Array): void;
  /** How many have begun. */
  count(): number;
  bytes(): Uint8Array;
}

export function currentInput(
  memory = new SharedArrayBuffer(headerBytes + longestBytes),
): CurrentInput {
  const header = new Int32Array(memory, 0, 2);
  const bytes = new Uint8Array(memory, headerBytes);
  return {
    memory,
    begin(input) {
      const saved = input.subarray(0, longestBytes);
      bytes.set(saved);
      Atomics.store(header, 1, saved.length);
      Atomics.add(header, 0, 1);
    },
    count: () => Atomics.load(header, 0),
    bytes: () => Uint8Array.from(bytes.subarray(0, Atomics.load(header, 1))),
  };
}
