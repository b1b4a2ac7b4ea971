// One torrent that the engine was asked to join: what it is asked, and what of its reports is told to whom.
import type { SwarmEvent } from '../../../machines/types.js';
import type { JoinRequest } from '../../engine/engine.js';
import { type HelperError, toFailure } from '../../errors.js';
import type { EngineCommand, EngineReport } from '../messages.js';
import { waitsForMemory } from './request-errors.js';
import type { Turns } from './turns.js';

export interface PendingRequest {
  readonly infoHash: string;
  /** What the next engine is asked for. */
  readonly command: EngineCommand;
  onReport(report: EngineReport): void;
  /** There is no memory for it now. */
  wait(): void;
  interrupt(error: HelperError): void;
  fail(error: HelperError): void;
}

export interface SwarmRequestParts {
  readonly id: number;
  readonly request: JoinRequest;
  readonly listener: (event: SwarmEvent) => void;
  readonly turns: Pick<Turns, 'joined' | 'settled'>;
  /** It is not to be joined again, and has left, or will. */
  readonly over: () => void;
}

export function swarmRequest(parts: SwarmRequestParts): PendingRequest {
  const { id, request, listener, turns, over } = parts;
  let mustVerify = request.verify;
  return {
    infoHash: request.metainfo.infoHash,
    get command(): EngineCommand {
      return { type: 'join', id, request: { ...request, verify: mustVerify } };
    },
    onReport(report) {
      if (report.type !== 'told') return;
      const { event } = report;
      switch (event.type) {
        case 'swarm.joined':
          turns.joined(id);
          break;
        case 'swarm.announced':
          if (request.role === 'seed') turns.settled(id);
          break;
        case 'swarm.checked':
          mustVerify = false;
          turns.settled(id);
          break;
        // Nothing follows these.
        case 'swarm.failed':
        case 'storage.error':
          over();
      }
      listener(event);
    },
    wait: () => listener({ type: 'swarm.warned', failure: toFailure(waitsForMemory()) }),
    interrupt: (error) => listener({ type: 'swarm.interrupted', failure: toFailure(error) }),
    fail(error) {
      over();
      listener({ type: 'swarm.failed', failure: toFailure(error) });
    },
  };
}
