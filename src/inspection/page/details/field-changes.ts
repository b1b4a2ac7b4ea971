// What of a context is another than before, field by field, as deep as both sides have fields: of a large one that changed in one
// place, that place.
import type { PlainFields, PlainValue } from '../../told/records.js';

export interface FieldChange {
  /** `located.contentPath` */
  readonly path: string;
  /** Undefined: it was not there. */
  readonly before: PlainValue | undefined;
  /** Undefined: it is gone. */
  readonly after: PlainValue | undefined;
}

/** What is more is not for a glance. */
const mostChanges = 100;

export function fieldChanges(before: PlainFields, after: PlainFields): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  addChanges('', before, after, changes);
  return changes;
}

function addChanges(
  path: string,
  before: PlainFields,
  after: PlainFields,
  changes: FieldChange[],
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (changes.length >= mostChanges) return;
    const [old, now] = [fieldOf(before, name), fieldOf(after, name)];
    if (isAlike(old, now)) continue;
    const inner = path === '' ? name : `${path}.${name}`;
    if (hasFields(old) && hasFields(now)) addChanges(inner, old, now, changes);
    else changes.push({ path: inner, before: old, after: now });
  }
}

/** What is null has been told to be gone. */
function fieldOf(fields: PlainFields, name: string): PlainValue | undefined {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

function isAlike(one: PlainValue | undefined, other: PlainValue | undefined): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

export function hasFields(value: PlainValue | undefined): value is PlainFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
