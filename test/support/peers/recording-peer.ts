// A peer made by hand that dials, says what a test says, and records every message that it is told.
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { eventually } from '../engine/engine-setup.js';
import type { Sample } from '../torrents/sample-on-disk.js';
import { readMessages } from './read-messages.js';
import { abilities, handshake, messageIds } from './wire-messages.js';

export interface HeardMessage {
  readonly id: number;
  readonly payload: Buffer;
}

export class RecordingPeer {
  readonly heard: HeardMessage[] = [];
  readonly #socket: Socket;

  /** Without the fast extension (BEP 6) if `hasFast` is false. */
  constructor(port: number, { metainfo }: Sample, hasFast = true) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    this.#socket = socket;
    onTestFinished(() => void socket.destroy());
    const reserved = hasFast ? abilities.extensionsAndFast : abilities.extensions;
    socket.write(handshake(metainfo.infoHash, undefined, reserved));
    readMessages(socket, {
      onMessage: (body) => this.heard.push({ id: body.readUInt8(0), payload: body.subarray(1) }),
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
