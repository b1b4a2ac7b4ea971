// A choker with peers made by hand and a clock in hand: a second passes, everyone who may takes and gives, and it ticks.
import { expect } from 'vitest';
import { type ChokedPeer, Choker } from '../../../src/engine/data-path/upload/choker.js';

const KiB = 1024;

export interface ChokedPeerOptions {
  readonly address?: string | undefined;
  readonly isNewcomer?: boolean;
  /** What it asks for, and gets while it is not choked; 0: it asks for nothing. */
  readonly takes?: number;
  /** What it gives us, choked or not. */
  readonly gives?: number;
}

export class HandmadeChokedPeer implements ChokedPeer {
  readonly address: string | undefined;
  takenBytes = 0;
  givenBytes = 0;
  isNewcomer: boolean;
  takesBytesPerSecond: number;
  givesBytesPerSecond: number;
  isChoked = true;
  /** When it was unchoked each time. */
  readonly unchokedAtMs: number[] = [];
  /** How long it was unchoked before it was choked each time. */
  readonly unchokedMs: number[] = [];
  readonly #world: ChokerWorld;

  constructor(
    world: ChokerWorld,
    { address, isNewcomer = false, takes = 100 * KiB, gives = 0 }: ChokedPeerOptions,
  ) {
    this.address = address;
    this.#world = world;
    this.isNewcomer = isNewcomer;
    this.takesBytesPerSecond = takes;
    this.givesBytesPerSecond = gives;
  }

  get isAsking(): boolean {
    return this.takesBytesPerSecond > 0;
  }

  choke(): void {
    if (this.isChoked) return;
    this.isChoked = true;
    this.unchokedMs.push(this.#world.nowMs - (this.unchokedAtMs.at(-1) ?? 0));
  }

  unchoke(): void {
    if (!this.isChoked) return;
    this.isChoked = false;
    this.unchokedAtMs.push(this.#world.nowMs);
    this.#world.unchoked.push(this);
  }
}

export class ChokerWorld {
  nowMs = 1_000_000;
  /** What they share who take. More of them bring nothing then, and the slots stay as many as they are. */
  lineBytesPerSecond = 8 * KiB;
  readonly peers: HandmadeChokedPeer[] = [];
  /** Whoever was unchoked, in that order. */
  readonly unchoked: HandmadeChokedPeer[] = [];
  readonly choker: Choker;

  constructor(upBytesPerSecond?: number) {
    this.choker = new Choker({ upBytesPerSecond, nowMs: () => this.nowMs });
  }

  /** They want something of us, one after the other. */
  join(count: number, options: ChokedPeerOptions = {}): HandmadeChokedPeer[] {
    const joined = Array.from({ length: count }, () => new HandmadeChokedPeer(this, options));
    this.peers.push(...joined);
    for (const peer of joined) this.choker.wants(peer);
    return joined;
  }

  leave(peer: HandmadeChokedPeer): void {
    this.peers.splice(this.peers.indexOf(peer), 1);
    this.choker.disconnected(peer);
  }

  /** `before` runs each second, before the choker ticks. */
  pass(seconds: number, before: () => void = () => {}): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1_000;
      const taking = this.peers.filter((peer) => !peer.isChoked && peer.isAsking);
      const shareBytes = this.lineBytesPerSecond / taking.length;
      for (const peer of taking) peer.takenBytes += Math.min(peer.takesBytesPerSecond, shareBytes);
      for (const peer of this.peers) peer.givenBytes += peer.givesBytesPerSecond;
      before();
      this.choker.tick();
    }
  }

  /** Seconds until `isSo`, at most `limit`. */
  secondsUntil(isSo: () => boolean, limit: number, before?: () => void): number {
    let seconds = 0;
    while (!isSo()) {
      expect(seconds).toBeLessThan(limit);
      this.pass(1, before);
      seconds += 1;
    }
    return seconds;
  }
}
