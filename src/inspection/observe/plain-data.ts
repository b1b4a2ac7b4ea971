// Whatever an event or a context holds, as data that may be written: without secrets, and never more than so many characters of JSON.
// It comes from any program, so everything that is read of it may throw, and nothing of that gets out of here.
import type { PlainFields, PlainValue } from '../told/records.js';
import { isSecretName, redact, secretMark } from './redact.js';

const deepest = 6;
const longestText = 500;
const longestName = 100;
/** Of a longer text no more is looked at. */
const longestRead = 4_000;
const mostItems = 20;
const mostFields = 64;

export class PlainData {
  /** Characters of JSON. */
  #left: number;

  constructor(mostCharacters: number) {
    this.#left = mostCharacters;
  }

  value(value: unknown): PlainValue {
    return this.#value(value, 0);
  }

  /** Each of its fields; what is undefined is left out. */
  fields(value: object): PlainFields {
    try {
      return this.#own(value, 0, mostFields);
    } catch {
      return {};
    }
  }

  /** The fields that are others now; null for what is gone. What is changed within itself is not seen. */
  changedFields(before: object, after: object): PlainFields {
    const changed: Record<string, PlainValue> = {};
    if (before === after) return changed;
    try {
      let left = mostFields;
      for (const name of Object.keys(after)) {
        const each = fieldOf(after, name);
        if (Object.is(each, fieldOf(before, name))) continue;
        if (left > 0) this.#put(changed, name, each ?? null, 0);
        left -= 1;
      }
      for (const name of Object.keys(before)) {
        if (Object.hasOwn(after, name)) continue;
        if (left > 0) this.#put(changed, name, null, 0);
        left -= 1;
      }
      if (left < 0) changed['…'] = `${-left} more`;
    } catch {
      // What was read so far is told.
    }
    return changed;
  }

  name(text: string): string {
    return this.#text(text, longestName);
  }

  #text(text: string, most = longestText): string {
    const shown = shownText(text, most);
    const cost = jsonLength(shown);
    if (cost > this.#left) return '…';
    this.#left -= cost;
    return shown;
  }

  #value(value: unknown, depth: number): PlainValue {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? this.#scalar(value) : this.#text(String(value));
      case 'boolean':
        return this.#scalar(value);
      case 'bigint':
        return this.#text(`${value}n`);
      case 'object':
        if (value === null) return this.#scalar(value);
        try {
          return this.#object(value, depth);
        } catch {
          return unreadable;
        }
      case 'function':
        return this.#text('ƒ');
      default:
        return this.#text(String(value));
    }
  }

  #scalar<T extends null | boolean | number>(value: T): T {
    this.#left -= String(value).length + 1;
    return value;
  }

  #object(value: object, depth: number): PlainValue {
    if (depth >= deepest || this.#left <= 0) return this.#text('…');
    this.#left -= 2;
    if (Array.isArray(value)) return this.#items(value, value.length, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    // As nearly all are.
    if (prototype === Object.prototype) return this.#own(value, depth, mostItems);
    if ('sessionId' in value && 'send' in value) {
      return this.#text(`→ ${'id' in value ? String(value.id) : ''}`, longestName);
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return this.#text(`${value.byteLength} bytes`);
    }
    if (value instanceof URL || value instanceof RegExp) return this.#text(String(value));
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof Set) return this.#items(value, value.size, depth);
    if (value instanceof Map) return this.#map(value, depth);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.#value(value.toJSON(), depth + 1);
    }
    return this.#own(value, depth, mostItems);
  }

  #error(error: Error, depth: number): PlainValue {
    const { name, message, cause } = error;
    // What guards ask of one is read as well, though it is no field of its own.
    const [code, isTransient, isObstacle] = ['code', 'isTransient', 'isObstacle'].map((field) =>
      fieldOf(error, field),
    );
    return this.#own({ name, code, message, isTransient, isObstacle, cause }, depth, mostItems);
  }

  #items(items: Iterable<unknown>, size: number, depth: number): PlainValue {
    const plain: PlainValue[] = [];
    for (const each of firstOf(items, mostItems)) {
      if (this.#left <= 0) break;
      plain.push(this.#value(each, depth + 1));
    }
    if (size > plain.length) plain.push(this.#text(`… ${size - plain.length} more`));
    return plain;
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): PlainFields {
    const plain: Record<string, PlainValue> = {};
    for (const [key, each] of firstOf(map, mostItems)) {
      this.#put(plain, typeof key === 'object' ? '(object)' : String(key), each, depth);
    }
    if (map.size > mostItems) plain['…'] = this.#text(`${map.size - mostItems} more`);
    return plain;
  }

  #own(value: object, depth: number, most: number): PlainFields {
    const plain: Record<string, PlainValue> = {};
    const names = Object.keys(value);
    let taken = 0;
    let read = 0;
    for (const name of names) {
      if (taken >= most || this.#left <= 0) break;
      read += 1;
      const each = fieldOf(value, name);
      if (each === undefined) continue;
      taken += 1;
      this.#put(plain, name, each, depth);
    }
    if (names.length > read) plain['…'] = this.#text(`${names.length - read} more`);
    return plain;
  }

  #put(plain: Record<string, PlainValue>, name: string, value: unknown, depth: number): void {
    const { shown, cost, isSecret } = fieldName(name);
    this.#left -= cost;
    plain[shown] =
      isSecret && value !== null ? this.#text(secretMark) : this.#value(value, depth + 1);
  }
}

const unreadable = '(unreadable)';

function fieldOf(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return unreadable;
  }
}

interface FieldName {
  readonly shown: string;
  readonly cost: number;
  /** What it names is not shown. */
  readonly isSecret: boolean;
}

/** The same few names come again and again. */
const fieldNames = new Map<string, FieldName>();
const mostNames = 2_000;

function fieldName(name: string): FieldName {
  const known = fieldNames.get(name);
  if (known) return known;
  const shown = shownText(name === '__proto__' ? '(__proto__)' : name, longestName);
  const found = { shown, cost: jsonLength(shown), isSecret: isSecretName(name) };
  if (name.length > longestName) return found;
  if (fieldNames.size >= mostNames) fieldNames.clear();
  fieldNames.set(name, found);
  return found;
}

function firstOf<T>(items: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const each of items) {
    if (first.length >= most) break;
    first.push(each);
  }
  return first;
}

function shownText(text: string, most: number): string {
  // Short, as nearly all are.
  if (text.length <= most) return cut(redact(text), most);
  // A secret that is cut in two may not be known as one: so the last word goes with what is left out.
  const read =
    text.length > longestRead ? text.slice(0, longestRead).replace(/[^\s&]*$/, '…') : text;
  return cut(redact(read), most);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** As JSON.stringify writes it, which takes six characters for some. */
function jsonLength(text: string): number {
  return /[^ !#-[\]-\ud7ff\ue000-\uffff]/.test(text)
    ? JSON.stringify(text).length
    : text.length + 3;
}
