// RC4 as message stream encryption uses it, the first 1024 bytes of the key stream discarded. It hides what a connection
// is for from those who look on, and protects nothing: not to be used for anything else.

const discardedBytes = 1024;
const stateBytes = 256;

/** Where one stream stands. */
interface Stream {
  /** A permutation of all bytes. */
  readonly permutation: Uint8Array;
  i: number;
  j: number;
}

/** One direction of one connection: it must be given all bytes of the stream, in their order. */
export class Rc4 {
  readonly #stream: Stream = {
    permutation: Uint8Array.from({ length: stateBytes }, (_, index) => index),
    i: 0,
    j: 0,
  };

  /** `key`: 1 to 256 bytes. */
  constructor(key: Uint8Array) {
    const { permutation } = this.#stream;
    let j = 0;
    for (let i = 0; i < stateBytes; i++) {
      const a = permutation[i] ?? 0;
      j = (j + a + (key[i % key.length] ?? 0)) & 0xff;
      permutation[i] = permutation[j] ?? 0;
      permutation[j] = a;
    }
    this.apply(new Uint8Array(discardedBytes));
  }

  /** En- or decrypts `bytes` from `from` up to `to`, in place. */
  apply(bytes: Uint8Array, from = 0, to = bytes.length): void {
    applyStream(this.#stream, bytes, from, to);
  }
}

const applyStream = createApply();

/**
 * Four bytes a turn, what changes in locals: thrice what the library does. The view takes them as one word, and is of one
 * type whether `bytes` is a Buffer or not. The permutation at work lies in an array that is a constant to V8, so that it
 * knows the length and checks no bounds; a constant of the module would not do, as bundling makes those variables.
 */
function createApply() {
  const state = new Uint8Array(stateBytes);
  return (stream: Stream, bytes: Uint8Array, from: number, to: number): void => {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    state.set(stream.permutation);
    let { i, j } = stream;
    let at = from;
    for (const lastWord = to - 4; at <= lastWord; at += 4) {
      i = (i + 1) & 0xff;
      let a = state[i] ?? 0;
      j = (j + a) & 0xff;
      let b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      let key = state[(a + b) & 0xff] ?? 0;

      i = (i + 1) & 0xff;
      a = state[i] ?? 0;
      j = (j + a) & 0xff;
      b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] ?? 0) << 8;

      i = (i + 1) & 0xff;
      a = state[i] ?? 0;
      j = (j + a) & 0xff;
      b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] ?? 0) << 16;

      i = (i + 1) & 0xff;
      a = state[i] ?? 0;
      j = (j + a) & 0xff;
      b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      key |= (state[(a + b) & 0xff] ?? 0) << 24;

      words.setInt32(at, words.getInt32(at, true) ^ key, true);
    }
    for (; at < to; at++) {
      i = (i + 1) & 0xff;
      const a = state[i] ?? 0;
      j = (j + a) & 0xff;
      const b = state[j] ?? 0;
      state[i] = b;
      state[j] = a;
      words.setUint8(at, words.getUint8(at) ^ (state[(a + b) & 0xff] ?? 0));
    }
    stream.permutation.set(state);
    stream.i = i;
    stream.j = j;
  };
}
