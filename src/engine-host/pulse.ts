// A few numbers that the engine's thread and the helper's share: a heart that beats as long as the thread's event loop
// turns, and whose code it runs right now, which can be read even when that code never ends.

const BEATS = 0;
const AT_WORK = 1;

/** The memory itself, to be handed to both sides. */
export function createPulseMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

export interface Pulse {
  beat(): void;
  /** How often it has beaten; it may wrap around. */
  readonly beats: number;
  /** The number of the torrent whose code runs; 0: nobody's. */
  atWork: number;
}

export function pulseOver(memory: SharedArrayBuffer): Pulse {
  const cells = new Int32Array(memory);
  return {
    beat: () => void Atomics.add(cells, BEATS, 1),
    get beats() {
      return Atomics.load(cells, BEATS);
    },
    get atWork() {
      return Atomics.load(cells, AT_WORK);
    },
    set atWork(number) {
      Atomics.store(cells, AT_WORK, number);
    },
  };
}
