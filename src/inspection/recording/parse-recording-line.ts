// A line of a recording, checked: it may come from anybody. What is made of it has the fields that it should have and no others,
// of the right kinds and not too deep, so that nobody who reads on need be careful.
import type { ActorState } from '../told/actor-state.js';
import type {
  ActorRecord,
  ActorStatus,
  InspectionRecord,
  PlainEvent,
  PlainFields,
  PlainValue,
  StateTree,
  TransitionRecord,
} from '../told/records.js';
import type { RecordingHeader, RecordingLine } from './recording-lines.js';

type Fields = Readonly<Record<string, unknown>>;

/** Deeper than anything that is recorded. */
const deepest = 16;
/** More than any event takes. */
const mostTaken = 256;
/** Longer than any name of a state, an actor, or an event. */
const longestName = 1_000;

/** Undefined: it is none. */
export function parseRecordingLine(text: string): RecordingLine | undefined {
  const line = parseJson(text);
  if (!isFields(line)) return undefined;
  switch (line.type) {
    case 'recording':
      return headerOf(line);
    case 'actors':
      return actorsOf(line);
    case 'actor':
    case 'transition':
      return recordOf(line);
    case 'lost':
      return isCount(line.records) ? { type: 'lost', records: line.records } : undefined;
    case 'ended':
      return isTime(line.timeMs) ? { type: 'ended', timeMs: line.timeMs } : undefined;
    default:
      return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headerOf({ format, version, pid, beganMs, nextSeq }: Fields): RecordingHeader | undefined {
  if (!isCount(format) || !isVersion(version) || !isOptional(pid, isCount)) return undefined;
  if (!isTime(beganMs) || !isCount(nextSeq)) return undefined;
  return { type: 'recording', format, version, pid, beganMs, nextSeq };
}

function actorsOf({ actors }: Fields): RecordingLine | undefined {
  if (!Array.isArray(actors)) return undefined;
  const states = actors.map(stateOf).filter((state) => state !== undefined);
  return states.length === actors.length ? { type: 'actors', actors: states } : undefined;
}

function stateOf(line: unknown): ActorState | undefined {
  if (!isFields(line)) return undefined;
  const named = namesOf(line);
  const { context, startedMs, changedMs, events, event, result } = line;
  const snapshot = snapshotOf(line);
  if (!named || !snapshot || !isPlainFields(context)) return undefined;
  if (!isTime(startedMs) || !isTime(changedMs) || !isCount(events)) return undefined;
  if (!isOptional(event, isPlainEvent) || !isOptional(result, isPlain)) return undefined;
  return { ...named, ...snapshot, context, startedMs, changedMs, events, event, result };
}

function recordOf(line: Fields): InspectionRecord | undefined {
  const { type, seq, timeMs } = line;
  if (!isCount(seq) || seq === 0 || !isTime(timeMs)) return undefined;
  return type === 'actor' ? actorRecordOf(line, seq, timeMs) : transitionOf(line, seq, timeMs);
}

function actorRecordOf(line: Fields, seq: number, timeMs: number): ActorRecord | undefined {
  const named = namesOf(line);
  const snapshot = snapshotOf(line);
  const { context } = line;
  if (!named || !snapshot || !isPlainFields(context)) return undefined;
  return { type: 'actor', seq, timeMs, ...named, ...snapshot, context };
}

function transitionOf(line: Fields, seq: number, timeMs: number): TransitionRecord | undefined {
  const { actor, from, event, changed, result, times } = line;
  const snapshot = snapshotOf(line);
  if (!isCount(actor) || !isOptional(from, isCount) || !isPlainEvent(event)) return undefined;
  if (!snapshot || !isPlainFields(changed)) return undefined;
  if (!isOptional(result, isPlain) || !isOptional(times, isCount)) return undefined;
  return {
    type: 'transition',
    seq,
    timeMs,
    actor,
    from,
    event,
    ...snapshot,
    changed,
    result,
    times,
  };
}

function namesOf({ actor, parent, id, src, machine }: Fields) {
  if (!isCount(actor) || !isOptional(parent, isCount)) return undefined;
  if (!isName(id) || !isName(src) || !isOptional(machine, isName)) return undefined;
  return { actor, parent, id, src, machine };
}

function snapshotOf({ taken, value, status }: Fields) {
  if (!Array.isArray(taken) || taken.length > mostTaken || !taken.every(isName)) return undefined;
  if (!isOptional(value, isStateTree) || !isStatus(status)) return undefined;
  return { taken: taken.map(String), value, status };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** In Unix ms, and such that there is a date of it. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15;
}

/** It stands in a command that a user may copy. */
function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-z][\da-z.+-]{0,63}$/i.test(value);
}

function isStatus(value: unknown): value is ActorStatus {
  return value === 'active' || value === 'done' || value === 'error' || value === 'stopped';
}

function isStateTree(value: unknown, depth = 0): value is StateTree {
  if (typeof value === 'string') return true;
  if (!isFields(value) || depth > deepest) return false;
  return Object.values(value).every((each) => isStateTree(each, depth + 1));
}

function isPlainEvent(value: unknown): value is PlainEvent {
  return isPlainFields(value) && isName(value.type);
}

function isPlainFields(value: unknown): value is PlainFields {
  return isFields(value) && isPlain(value);
}

function isPlain(value: unknown, depth = 0): value is PlainValue {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined;
  return depth <= deepest && Object.values(value).every((each) => isPlain(each, depth + 1));
}
