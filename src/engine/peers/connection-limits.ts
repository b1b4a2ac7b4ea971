// How many outgoing connections the whole engine may have: half-open ones, and all. First come, first served.

export interface ConnectionLimits {
  /**
   * Takes a slot for one attempt; undefined: there is none. Then `onFree` is called once when one is free again, and
   * says whether it took it.
   */
  take(onFree: () => boolean): ConnectionSlot | undefined;
}

export interface ConnectionSlot {
  /** The connection stands: it counts no longer as half-open. */
  connected(): void;
  /** The connection is over. Calling it again does nothing. */
  release(): void;
}

export function createConnectionLimits(limits: {
  readonly halfOpen: number;
  readonly connections: number;
}): ConnectionLimits {
  let halfOpen = 0;
  let connections = 0;
  const waiting = new Set<() => boolean>();
  const wakeNext = () => {
    for (const wake of [...waiting]) {
      waiting.delete(wake);
      if (wake()) return;
    }
  };
  return {
    take(onFree) {
      if (halfOpen >= limits.halfOpen || connections >= limits.connections) {
        waiting.add(onFree);
        return undefined;
      }
      waiting.delete(onFree);
      halfOpen += 1;
      connections += 1;
      let isHalfOpen = true;
      let isTaken = true;
      const connected = () => {
        if (!isHalfOpen) return;
        isHalfOpen = false;
        halfOpen -= 1;
        queueMicrotask(wakeNext);
      };
      return {
        connected,
        release() {
          if (!isTaken) return;
          isTaken = false;
          connections -= 1;
          connected();
          queueMicrotask(wakeNext);
        },
      };
    },
  };
}
