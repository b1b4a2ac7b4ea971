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

/** Of a context whose fields have other names each time, the newest. */
const mostFields = 128;

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
    context: contextAfter(before.context, changed),
    changedMs: timeMs,
    events: before.events + times,
    event,
    taken,
    result,
  };
}

function contextAfter(before: PlainFields, changed: PlainFields): PlainFields {
  if (Object.keys(changed).length === 0) return before;
  const after = { ...before, ...changed };
  const fields = Object.entries(after);
  return fields.length > mostFields ? Object.fromEntries(fields.slice(-mostFields)) : after;
}
