// The changes of all jobs, to whoever reads them; what was changed before anybody can have asked is told to who asks soon.
import type { Change } from '../../../machines/types.js';
import { type ChangeQueue, type ChangeQueueOptions, createChangeQueue } from './change-queue.js';

export interface ChangeFeed {
  tell(change: Change): void;
  read(options: Pick<ChangeQueueOptions, 'signal' | 'isWanted'>): ChangeQueue;
  /** From now on a reader hears what happens from then on. */
  forgetBeginning(): void;
  /** Nothing follows. */
  close(): void;
}

export function createChangeFeed(): ChangeFeed {
  const readers = new Set<ChangeQueue>();
  let early: Change[] | undefined = [];
  let isClosed = false;
  return {
    tell(change) {
      early?.push(change);
      for (const reader of readers) reader.push(change);
    },
    read(options) {
      const reader = createChangeQueue({ ...options, onDone: () => readers.delete(reader) });
      readers.add(reader);
      for (const change of early ?? []) reader.push(change);
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
