// An actor as it stands after some of the records. States are never changed, but replaced: whoever keeps those of before can go
// back to them.
import type {
  ActorStatus,
  InspectionRecord,
  PlainEvent,
  PlainFields,
  PlainValue,
  StateTree,
} from './records.js';

export interface ActorState {
  readonly actor: number;
  readonly parent?: number | undefined;
  readonly id: string;
  readonly src: string;
  readonly machine?: string | undefined;
  readonly value?: StateTree | undefined;
  readonly status: ActorStatus;
  readonly context: PlainFields;
  readonly startedMs: number;
  /** When it took its last event. */
  readonly changedMs: number;
  /** How many events it has taken. */
  readonly events: number;
  /** The last of them; undefined before the first. */
  readonly event?: PlainEvent | undefined;
  /** The transitions that its last event took. */
  readonly taken: readonly string[];
  readonly result?: PlainValue | undefined;
}

/** Undefined for a transition of an actor that nobody knows. */
export function actorAfter(
  before: ActorState | undefined,
  record: InspectionRecord,
): ActorState | undefined {
  if (record.type === 'actor') {
    const { type: _, seq: __, timeMs, ...actor } = record;
    return { ...actor, startedMs: timeMs, changedMs: timeMs, events: 0 };
  }
  if (before === undefined) return undefined;
  const { timeMs, event, taken, value, status, changed, result, times = 1 } = record;
  return {
    ...before,
    value,
    status,
    context: Object.keys(changed).length > 0 ? { ...before.context, ...changed } : before.context,
    changedMs: timeMs,
    events: before.events + times,
    event,
    taken,
    result,
  };
}
