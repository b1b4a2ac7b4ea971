// Actors that an inspection sees, and what is told of them.
import { createActor, fromTransition } from 'xstate';
import { createInspection } from '../../../src/inspection/observe/inspection.js';
import { type ActorState, actorAfter } from '../../../src/inspection/told/actor-state.js';
import type { InspectionRecord } from '../../../src/inspection/told/records.js';

interface Spoken {
  readonly type: string;
  readonly text?: string | readonly string[];
}

/** Keeps what it was told last. */
const listener = fromTransition(
  (_: { readonly text: string | readonly string[] }, { type, text = type }: Spoken) => ({ text }),
  { text: '' },
);

/** Each actor takes events of any type, and is another after each. */
export function inspectedActors() {
  const inspection = createInspection();
  return {
    inspection,
    source: { kind: 'live', version: '1.2.3', pid: 7, beganMs: inspection.beganMs } as const,
    start: (id: string) => createActor(listener, { id, inspect: inspection.observer }).start(),
  };
}

/** What can be read of records: of an inspection, or of a recording. */
interface Readable {
  readonly firstSeq: number;
  actorsBefore(): readonly ActorState[];
  read(seq: number, mostCharacters: number): readonly string[] | undefined;
}

export function recordsOf({ firstSeq, read }: Readable): readonly InspectionRecord[] {
  return (read(firstSeq, Number.POSITIVE_INFINITY) ?? []).map((json) => JSON.parse(json));
}

/** The actors after all that is remembered, by their ids. */
export function actorsNow(readable: Readable): Readonly<Record<string, ActorState>> {
  const actors = new Map(readable.actorsBefore().map((state) => [state.actor, state]));
  for (const record of recordsOf(readable)) {
    const state = actorAfter(actors.get(record.actor), record);
    if (state) actors.set(state.actor, state);
  }
  return Object.fromEntries([...actors.values()].map((state) => [state.id, state]));
}
