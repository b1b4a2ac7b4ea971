// The framing of what a peer sends after the handshake (BEP 3): bytes in, calls out. Pure, and knows neither sockets nor
// torrents: what a message means, and whether it is welcome, is its sink's business.

const mostBlockBytes = 128 * 1024;

/** No message of BEP 3, 6, 9, 10 or 11 comes near, whatever its id: a bitfield of 8 million pieces is 1 MiB. */
const mostMessageBytes = 2 ** 20 + 64;

/** What a message that came in parts is gathered in at first: it grows with what came, not with what was announced. */
const firstGatherBytes = 4 * 1024;

const haveId = 4;
const requestId = 6;
const pieceId = 7;

/** Up to where all but the payload stands, the length included: of any message, of have, of piece, and of request. */
const idEndBytes = 5;
const haveEndBytes = 9;
const pieceEndBytes = 13;
const requestEndBytes = 17;

const lengthFieldBytes = 4;

const nothing = new Uint8Array();

/**
 * Hears what a connection says, in the order of the bytes. Any of these may throw, or call `stop`: then the parser has
 * stopped, and nothing more is told. None may call `push`. Numbers are whole, from 0, below 2^32, and else unchecked.
 */
export interface MessageSink {
  /**
   * A `piece` message begins (id 7), `lengthBytes` from 1 to 128 KiB. Returns where in the parser's memory its block
   * goes; -1: nobody asked for it, its bytes are discarded.
   */
  blockBegan(index: number, offsetBytes: number, lengthBytes: number): number;
  /** All bytes of the block that began last are in memory. Not called for one that is discarded. */
  blockEnded(): void;
  /** Id 6. */
  request(index: number, offsetBytes: number, lengthBytes: number): void;
  /** Id 4. */
  have(index: number): void;
  /** Every other message. The payload, what follows the id, is lent: valid only during the call. */
  message(id: number, payload: Uint8Array): void;
  keepAlive(): void;
  /** How long the payload of a message of this id may be. Asked before its first byte is taken. */
  mostPayloadBytes(id: number): number;
  /** A message of such a payload begins. False: nobody wants it, its bytes are discarded. */
  isWanted(id: number, payloadBytes: number): boolean;
  /** So much memory holds a message that is not whole yet; 0: there is none. */
  gathers(lengthBytes: number): void;
  /**
   * Nothing a peer may send: a length beyond what is allowed, or one that its id cannot have (a block of nothing,
   * have or request of another length). The parser has stopped.
   */
  malformed(): void;
}

/** One connection's: blocks go to `memory`, all else to the sink. */
export class MessageParser {
  readonly #sink: MessageSink;
  readonly #memory: Buffer;
  #isStopped = false;
  /** The begin of a message that was cut before it was clear what follows. */
  readonly #header = new Uint8Array(requestEndBytes);
  #headerBytes = 0;
  /** What is to come of the block at hand, or of what nobody wants, and where it goes; 0: there is none. */
  #blockLeftBytes = 0;
  #blockAt = -1;
  /** The message at hand, -1: none; how long its payload is, and what came of it in earlier pushes. */
  #id = -1;
  #payloadBytes = 0;
  #gathered = nothing;
  #gatheredBytes = 0;

  constructor(sink: MessageSink, memory: Uint8Array) {
    this.#sink = sink;
    this.#memory = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Takes nothing any more, also not the rest of what is being pushed. */
  stop(): void {
    this.#isStopped = true;
    this.#gathered = nothing;
  }

  /** The rest of the block that is coming in goes nowhere, and nobody hears of its end. */
  discardBlock(): void {
    this.#blockAt = -1;
  }

  /**
   * Takes the first `lengthBytes` of `bytes`, which may be used again by the caller afterwards. Throws what the sink
   * throws, and has stopped then: what came behind is lost.
   */
  push(bytes: Uint8Array, lengthBytes = bytes.length): void {
    try {
      let at = 0;
      while (at < lengthBytes && !this.#isStopped) {
        if (this.#blockLeftBytes > 0) at = this.#takeBlock(bytes, at, lengthBytes);
        else if (this.#id !== -1) at = this.#takePayload(bytes, at, lengthBytes);
        else if (this.#headerBytes > 0) at = this.#continueHeader(bytes, at, lengthBytes);
        else {
          const taken = this.#takeHeader(bytes, at, lengthBytes);
          if (taken === 0) this.#keepHeader(bytes, at, lengthBytes);
          at = taken === 0 ? lengthBytes : at + taken;
        }
      }
    } catch (thrown) {
      this.stop();
      throw thrown;
    }
  }

  /**
   * Reads the message that begins at `at`: all of it if it has no more than numbers, else what stands before its block
   * or its payload. Returns how many bytes that were; 0: it takes more than there are.
   */
  #takeHeader(bytes: Uint8Array, at: number, end: number): number {
    const thereBytes = end - at;
    if (thereBytes < lengthFieldBytes) return 0;
    const lengthBytes = uint32At(bytes, at);
    if (lengthBytes === 0) {
      this.#sink.keepAlive();
      return lengthFieldBytes;
    }
    if (lengthBytes > mostMessageBytes) return this.#refuse();
    if (thereBytes < idEndBytes) return 0;
    const id = bytes[at + lengthFieldBytes] ?? 0;
    switch (id) {
      case pieceId: {
        const blockBytes = lengthBytes - (pieceEndBytes - lengthFieldBytes);
        if (blockBytes <= 0 || blockBytes > mostBlockBytes) return this.#refuse();
        if (thereBytes < pieceEndBytes) return 0;
        this.#blockAt = this.#sink.blockBegan(
          uint32At(bytes, at + 5),
          uint32At(bytes, at + 9),
          blockBytes,
        );
        this.#blockLeftBytes = blockBytes;
        return pieceEndBytes;
      }
      case haveId:
        if (lengthBytes !== haveEndBytes - lengthFieldBytes) return this.#refuse();
        if (thereBytes < haveEndBytes) return 0;
        this.#sink.have(uint32At(bytes, at + 5));
        return haveEndBytes;
      case requestId:
        if (lengthBytes !== requestEndBytes - lengthFieldBytes) return this.#refuse();
        if (thereBytes < requestEndBytes) return 0;
        this.#sink.request(
          uint32At(bytes, at + 5),
          uint32At(bytes, at + 9),
          uint32At(bytes, at + 13),
        );
        return requestEndBytes;
      default:
        return this.#beginMessage(id, lengthBytes - 1);
    }
  }

  #beginMessage(id: number, payloadBytes: number): number {
    if (payloadBytes > this.#sink.mostPayloadBytes(id)) return this.#refuse();
    if (this.#isStopped) return idEndBytes;
    if (!this.#sink.isWanted(id, payloadBytes)) {
      this.#blockLeftBytes = payloadBytes;
      this.#blockAt = -1;
      return idEndBytes;
    }
    if (payloadBytes === 0) {
      this.#sink.message(id, nothing);
      return idEndBytes;
    }
    this.#id = id;
    this.#payloadBytes = payloadBytes;
    return idEndBytes;
  }

  #refuse(): number {
    this.stop();
    this.#sink.malformed();
    return 1;
  }

  #keepHeader(bytes: Uint8Array, at: number, end: number): void {
    for (let from = at; from < end; from++) this.#header[this.#headerBytes++] = bytes[from] ?? 0;
  }

  /** Tops the header up, perhaps with what belongs to its payload already: that is left for later. */
  #continueHeader(bytes: Uint8Array, at: number, end: number): number {
    const beforeBytes = this.#headerBytes;
    const until = Math.min(end, at + requestEndBytes - beforeBytes);
    this.#keepHeader(bytes, at, until);
    const takenBytes = this.#takeHeader(this.#header, 0, this.#headerBytes);
    if (takenBytes === 0) return until;
    this.#headerBytes = 0;
    return at + takenBytes - beforeBytes;
  }

  #takeBlock(bytes: Uint8Array, at: number, end: number): number {
    const until = Math.min(end, at + this.#blockLeftBytes);
    this.#blockLeftBytes -= until - at;
    if (this.#blockAt === -1) return until;
    // One memcpy, unlike `set` and `copy`: V8 copies into a SharedArrayBuffer word by word, at a third of the speed.
    this.#memory.fill(bytes.subarray(at, until), this.#blockAt, this.#blockAt + until - at);
    this.#blockAt += until - at;
    if (this.#blockLeftBytes === 0) this.#sink.blockEnded();
    return until;
  }

  #takePayload(bytes: Uint8Array, at: number, end: number): number {
    const until = Math.min(end, at + this.#payloadBytes - this.#gatheredBytes);
    const part = bytes.subarray(at, until);
    const isWhole = part.length === this.#payloadBytes;
    if (!isWhole) this.#gather(part);
    if (this.#isStopped) return until;
    if (!isWhole && this.#gatheredBytes < this.#payloadBytes) return until;
    const id = this.#id;
    const payload = isWhole ? part : this.#gathered.subarray(0, this.#payloadBytes);
    if (!isWhole) this.#sink.gathers(0);
    this.#id = -1;
    this.#gatheredBytes = 0;
    // What was long is rare, and would stay for as long as the connection lasts.
    if (this.#gathered.length > firstGatherBytes) this.#gathered = nothing;
    this.#sink.message(id, payload);
    return until;
  }

  #gather(part: Uint8Array): void {
    const bytes = this.#gatheredBytes + part.length;
    const isFirst = this.#gatheredBytes === 0;
    const isLonger = bytes > this.#gathered.length;
    if (isLonger) {
      const capacityBytes = Math.max(firstGatherBytes, 2 * this.#gathered.length, bytes);
      const grown = new Uint8Array(Math.min(capacityBytes, this.#payloadBytes));
      grown.set(this.#gathered.subarray(0, this.#gatheredBytes));
      this.#gathered = grown;
    }
    this.#gathered.set(part, this.#gatheredBytes);
    this.#gatheredBytes = bytes;
    if (isFirst || isLonger) this.#sink.gathers(this.#gathered.length);
  }
}

/** The most significant byte first. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
