// Pieces are verified by the thousand a second: of those within a moment only the last is told to the other thread.
import type { SwarmEvent } from '../../../machines/types.js';

export const progressEveryMs = 50;

export interface ProgressTeller {
  tell(event: SwarmEvent): void;
  /** Says nothing any more. */
  stop(): void;
}

/** Everything but `piece.verified` is passed on at once, and in order. That all is there says of the last piece, too. */
export function coalesceProgress(tell: (event: SwarmEvent) => void): ProgressTeller {
  let latest: SwarmEvent | undefined;
  let timer: NodeJS.Timeout | undefined;
  const tellLatest = () => {
    clearTimeout(timer);
    timer = undefined;
    const event = latest;
    latest = undefined;
    if (event !== undefined) tell(event);
  };
  return {
    tell(event) {
      if (event.type === 'piece.verified') {
        latest = event;
        timer ??= setTimeout(tellLatest, progressEveryMs);
      } else {
        if (event.type === 'swarm.completed') latest = undefined;
        tellLatest();
        tell(event);
      }
    },
    stop() {
      clearTimeout(timer);
      latest = undefined;
    },
  };
}
