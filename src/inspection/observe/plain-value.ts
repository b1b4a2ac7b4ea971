// Whatever an event or a context holds, as data that may be written: nothing deep, nothing long, nothing that is not for everybody.
import type { PlainEvent, PlainFields, PlainValue } from '../told/records.js';

const deepest = 4;
const longestText = 500;
const mostItems = 20;

export function plainEvent(event: { readonly type: string }): PlainEvent {
  return { ...plainFields(event), type: event.type };
}

/** Each of its fields; what is undefined is left out. */
export function plainFields(value: object): PlainFields {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([name, each]) => [name, plainValue(each)]),
  );
}

/** The fields that are others now; null for what is gone. */
export function changedFields(before: object, after: object): PlainFields {
  if (before === after) return {};
  const old = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(([name, each]) => old.get(name) !== each);
  return Object.fromEntries(
    changed.map(([name, each]) => [name, each === undefined ? null : plainValue(each)]),
  );
}

export function plainValue(value: unknown, depth = 0): PlainValue {
  switch (typeof value) {
    case 'string':
      return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : plainObject(value, depth);
    default:
      return String(value);
  }
}

function plainObject(value: object, depth: number): PlainValue {
  if (depth >= deepest) return '…';
  if (value instanceof Error) return { name: value.name, message: plainValue(value.message) };
  if ('sessionId' in value && 'send' in value) return `→ ${'id' in value ? value.id : ''}`;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((each) => plainValue(each, depth + 1));
    return value.length > mostItems ? [...items, `… ${value.length - mostItems} more`] : items;
  }
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return plainValue(value.toJSON(), depth + 1);
  }
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.slice(0, mostItems).map(([name, each]) => [name, plainValue(each, depth + 1)]),
  );
}
