// A peer spoken by hand that dials, says what a test says, and remembers every message it hears.
import { connect, type Socket } from 'node:net';
import { atTheEnd, eventually } from './engine-setup.js';
import { hearMessages } from './hear-messages.js';
import type { Sample } from './sample-torrent.js';
import { handshake } from './wicked-peer.js';

export const messageIds = {
  unchoke: 1,
  interested: 2,
  have: 4,
  bitfield: 5,
  haveAll: 14,
  haveNone: 15,
  extended: 20,
} as const;

export interface HeardMessage {
  readonly id: number;
  readonly payload: Buffer;
}

export class TalkingPeer {
  readonly heard: HeardMessage[] = [];
  readonly #socket: Socket;

  /** Without the fast extension (BEP 6) if `hasFast` is false. */
  constructor(port: number, { metainfo }: Sample, hasFast = true) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    this.#socket = socket;
    atTheEnd(async () => socket.destroy());
    const greeting = handshake(metainfo.infoHash);
    if (hasFast) greeting.writeUInt8(4, 27);
    socket.write(greeting);
    hearMessages(socket, {
      onMessage: (message) =>
        this.heard.push({ id: message.readUInt8(0), payload: message.subarray(1) }),
    });
  }

  say(...messages: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(messages));
  }

  get isClosed(): boolean {
    return this.#socket.closed;
  }

  leave(): void {
    this.#socket.destroy();
  }

  /** What it was told first of our pieces: the id of the message. */
  get firstWord(): number | undefined {
    return this.heard.find(({ id }) => id !== messageIds.extended)?.id;
  }

  /** The pieces that it heard of one by one. */
  get haves(): number[] {
    const haves = this.heard.filter(({ id }) => id === messageIds.have);
    return haves.map(({ payload }) => payload.readUInt32BE(0));
  }

  /** Payloads of messages of that extension; 0 is the handshake of extensions, as text. */
  extensionMessages(extension: number): string[] {
    return this.heard
      .filter(({ id, payload }) => id === messageIds.extended && payload[0] === extension)
      .map(({ payload }) => payload.toString('latin1', 1));
  }

  /** The handshake of extensions. */
  async introduction(): Promise<string> {
    await eventually(() => this.extensionMessages(0).length).toBe(1);
    return this.extensionMessages(0)[0] ?? '';
  }

  /** That of `upload_only`, by what the other side says in its handshake of extensions. */
  async uploadOnlyId(): Promise<number> {
    return Number(/1:md.*?11:upload_onlyi(\d+)e/s.exec(await this.introduction())?.[1] ?? -1);
  }
}
