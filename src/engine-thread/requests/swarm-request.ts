// One torrent that the engine was asked to join: what it is asked, and what of its reports is told to whom. A class, as there
// may be thousands at rest: functions of each one's own would weigh more than all else of it.
import type { SwarmEvent } from '../../../machines/types.js';
import type { JoinRequest, Swarm } from '../../engine/engine.js';
import type { SharedTotals } from '../../engine/measuring/transfer-totals.js';
import { type HelperError, toFailure } from '../../errors.js';
import type { EngineCommand, EngineReport } from '../messages.js';
import { waitsForMemory } from './request-errors.js';
import type { Turn, Turns } from './turns.js';

export interface PendingRequest extends Turn {
  readonly kind: 'swarm' | 'search';
  onReport(report: EngineReport): void;
  interrupt(error: HelperError): void;
  fail(error: HelperError): void;
}

/** What all of them share. */
export interface SwarmRequestParts {
  readonly turns: Pick<Turns, 'isWaiting' | 'joined' | 'settled'>;
  readonly totals: SharedTotals;
  /** To the engine, if there is one. */
  readonly post: (command: EngineCommand) => void;
  /** It is not to be joined again, and has left, or will. */
  readonly over: (id: number) => void;
  readonly leave: (id: number) => Promise<void>;
}

export interface AskedSwarm {
  readonly id: number;
  /** Of memory, in pieces. */
  readonly amount: number;
  readonly request: JoinRequest;
  readonly listener: (event: SwarmEvent) => void;
}

export class SwarmRequest implements PendingRequest, Swarm {
  readonly #parts: SwarmRequestParts;
  readonly #asked: AskedSwarm;
  #mustVerify: boolean | undefined;
  #leaving: Promise<void> | undefined;

  constructor(parts: SwarmRequestParts, asked: AskedSwarm) {
    this.#parts = parts;
    this.#asked = asked;
    this.#mustVerify = asked.request.verify;
  }

  get kind() {
    return 'swarm' as const;
  }

  get id(): number {
    return this.#asked.id;
  }

  get amount(): number {
    return this.#asked.amount;
  }

  get infoHash(): string {
    return this.#asked.request.metainfo.infoHash;
  }

  /** Of the next engine, too. */
  post(): void {
    const { id, request } = this.#asked;
    const totals = this.#parts.totals.of(request.metainfo);
    const asked = { totals, ...request, verify: this.#mustVerify };
    this.#parts.post({ type: 'join', id, request: asked });
  }

  wait(): void {
    this.#asked.listener({ type: 'swarm.warned', failure: toFailure(waitsForMemory()) });
  }

  onReport(report: EngineReport): void {
    if (report.type !== 'told') return;
    const { id, request, listener } = this.#asked;
    const { turns, over } = this.#parts;
    const { event } = report;
    switch (event.type) {
      case 'swarm.joined':
        turns.joined(id);
        break;
      case 'swarm.announced':
        if (request.role === 'seed') turns.settled(id);
        break;
      case 'swarm.checked':
        this.#mustVerify = false;
        turns.settled(id);
        break;
      // Nothing follows these.
      case 'swarm.failed':
      case 'storage.error':
        over(id);
    }
    listener(event);
  }

  interrupt(error: HelperError): void {
    this.#asked.listener({ type: 'swarm.interrupted', failure: toFailure(error) });
  }

  fail(error: HelperError): void {
    this.#parts.over(this.id);
    this.#asked.listener({ type: 'swarm.failed', failure: toFailure(error) });
  }

  verify(): void {
    this.#ask('verify');
  }

  announce(): void {
    this.#ask('announce');
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#parts.leave(this.id);
    return this.#leaving;
  }

  /** An engine that has not joined it, or has died since, is asked anew when it has. */
  #ask(type: 'verify' | 'announce'): void {
    const { turns, post } = this.#parts;
    if (!turns.isWaiting(this.id)) post({ type, id: this.id });
  }
}
