// The events of a helper, to whoever reads them. What nobody reads is not made, but for what happens before anybody can
// have asked: that is remembered, and made when the first one asks.
import { createEventQueue, type EventQueue } from './event-queue.js';
import type { HelperEvent } from './helper-event.js';

/** It takes away what all of them have in common, one by one. */
export type Untimed<E> = E extends unknown ? Omit<E, 'timeMs'> : never;

export interface EventFeed {
  /** `make`: called once a reader, or never; it must give the same whenever that is. */
  tell(make: () => Untimed<HelperEvent>): void;
  read(signal: AbortSignal | undefined): AsyncIterable<HelperEvent>;
  /** From now on a reader hears what happens from then on. */
  forgetBeginning(): void;
  /** Nothing follows. */
  close(): void;
}

interface Told {
  readonly timeMs: number;
  readonly make: () => Untimed<HelperEvent>;
}

/** `attend`: somebody reads; returns how to say that they do no more. */
export function createEventFeed(
  attend: () => () => void = () => () => {},
  now: () => number = Date.now,
): EventFeed {
  const readers = new Set<EventQueue<HelperEvent>>();
  let early: Told[] | undefined = [];
  let isClosed = false;
  return {
    tell(make) {
      if (readers.size === 0 && early === undefined) return;
      const told = { timeMs: now(), make };
      early?.push(told);
      if (readers.size === 0) return;
      const event = eventOf(told);
      for (const reader of readers) reader.push(event);
    },
    read(signal) {
      const leave = attend();
      const reader = createEventQueue<HelperEvent>({
        signal,
        onDone: () => readers.delete(reader) && leave(),
      });
      readers.add(reader);
      for (const told of early ?? []) reader.push(eventOf(told));
      if (isClosed) reader.close();
      return reader;
    },
    forgetBeginning() {
      early = undefined;
    },
    close() {
      isClosed = true;
      for (const reader of readers) reader.close();
    },
  };
}

function eventOf({ timeMs, make }: Told): HelperEvent {
  return { timeMs, ...make() };
}
