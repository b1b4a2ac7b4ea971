// A few bytes that the engine's thread and the helper's share: a count that goes up as long as the thread's event loop
// turns, and whose code runs there right now, which can be read even when that code never ends.

const infoHashBytes = 40;

/** The memory itself, to be handed to both sides. */
export function createHeartbeatMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT + infoHashBytes);
}

export interface Heartbeat {
  beat(): void;
  /** How often it has beaten; it may wrap around. */
  readonly beats: number;
  /** The info hash of the torrent whose code runs; undefined: nobody's. Can be read of a thread that hangs. */
  atWork: string | undefined;
}

export function heartbeatOver(memory: SharedArrayBuffer): Heartbeat {
  const beats = new Int32Array(memory, 0, 1);
  const atWork = Buffer.from(memory, beats.byteLength, infoHashBytes);
  return {
    beat: () => void Atomics.add(beats, 0, 1),
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
