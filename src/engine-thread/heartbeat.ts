// A few bytes that the engine's thread and the helper's share: a count that goes up as long as the thread's event loop
// turns, whose code runs there right now, which can be read even when that code never ends, and whether memory is short.

const infoHashBytes = 40;
const fullShare = 0.8;

/** The memory itself, to be handed to both sides. */
export function createHeartbeatMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT + infoHashBytes + 1);
}

export interface Heartbeat {
  /** `usedShare`: of its heap, 0 to 1. */
  beat(usedShare?: number): void;
  /** How often it has beaten; it may wrap around. */
  readonly beats: number;
  /** At the last beat; so full, a thread that hangs most likely only looks for memory that is not there. */
  readonly isHeapFull: boolean;
  /** The info hash of the torrent whose code runs; undefined: nobody's. Can be read of a thread that hangs. */
  atWork: string | undefined;
}

export function heartbeatOver(memory: SharedArrayBuffer): Heartbeat {
  const beats = new Int32Array(memory, 0, 1);
  const fullness = new Uint8Array(memory, beats.byteLength + infoHashBytes, 1);
  const atWork = Buffer.from(memory, beats.byteLength, infoHashBytes);
  return {
    beat(usedShare = 0) {
      fullness[0] = usedShare >= fullShare ? 1 : 0;
      Atomics.add(beats, 0, 1);
    },
    get isHeapFull() {
      return fullness[0] === 1;
    },
    get beats() {
      return Atomics.load(beats, 0);
    },
    get atWork() {
      return atWork[0] === 0 ? undefined : atWork.toString('latin1');
    },
    set atWork(infoHash) {
      if (infoHash === undefined) atWork[0] = 0;
      else atWork.write(infoHash, 'latin1');
    },
  };
}
