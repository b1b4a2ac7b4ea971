// What is known of all actors of some systems, for whoever wants to read it. A reader keeps its place and asks; so nobody can make it
// grow by reading slowly.
import type { InspectionEvent, Observer } from 'xstate';
import type { ReadableRecords } from '../told/readable-records.js';
import { RecordLog } from './record-log.js';
import { Repeats } from './repeats.js';
import { XStateAdapter } from './xstate-adapter.js';

export interface Inspection extends ReadableRecords {
  /** What an actor system is given as `inspect`. */
  readonly observer: Observer<InspectionEvent>;
  /** When it began, in Unix ms. */
  readonly beganMs: number;
}

export function createInspection(): Inspection {
  const log = new RecordLog();
  const listeners = new Set<() => void>();
  const repeats = new Repeats((record) => {
    log.add(record);
    for (const listener of listeners) listener();
  });
  const adapter = new XStateAdapter((record) => repeats.add(record));
  return {
    observer: { next: (inspected) => adapter.next(inspected) },
    beganMs: Date.now(),
    get firstSeq() {
      return log.firstSeq;
    },
    get nextSeq() {
      return log.nextSeq;
    },
    actorsBefore: () => log.actorsBefore(),
    read: (seq, mostCharacters) => log.read(seq, mostCharacters),
    onRecords(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
