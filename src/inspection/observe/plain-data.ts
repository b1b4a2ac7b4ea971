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
    return attempt(() => this.#entries(ownFields(value, mostFields), 0)) ?? {};
  }

  /** The fields that are others now; null for what is gone. What is changed within itself is not seen. */
  changedFields(before: object, after: object): PlainFields {
    if (before === after) return {};
    const changed = attempt(() => {
      const entries: Entry[] = [];
      for (const name of Object.keys(after)) {
        const each = fieldOf(after, name);
        if (!Object.is(each, fieldOf(before, name))) entries.push([name, each ?? null]);
      }
      for (const name of Object.keys(before)) {
        if (!Object.hasOwn(after, name)) entries.push([name, null]);
      }
      return this.#entries({ entries: entries.slice(0, mostFields), size: entries.length }, 0);
    });
    return changed ?? {};
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
        return attempt(() => this.#object(value, depth)) ?? unreadable;
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
    if ('sessionId' in value && 'send' in value) {
      return this.#text(`→ ${'id' in value ? String(value.id) : ''}`, longestName);
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return this.#text(`${value.byteLength} bytes`);
    }
    if (value instanceof Date) return this.#value(value.toJSON(), depth);
    if (value instanceof URL || value instanceof RegExp) return this.#text(String(value));
    if (depth >= deepest || this.#left <= 0) return this.#text('…');
    this.#left -= 2;
    if (value instanceof Error) return this.#error(value, depth);
    if (Array.isArray(value)) return this.#items(value, value.length, depth);
    if (value instanceof Set) return this.#items(value, value.size, depth);
    if (value instanceof Map) {
      const first = firstOf<readonly [unknown, unknown]>(value, mostItems);
      const entries = first.map(([key, each]): Entry => [nameOf(key), each]);
      return this.#entries({ entries, size: value.size }, depth);
    }
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      return this.#value(value.toJSON(), depth + 1);
    }
    return this.#entries(ownFields(value, mostItems), depth);
  }

  #error(error: Error, depth: number): PlainValue {
    const { name, message, cause } = error;
    // Guards ask for these; some are getters of a class.
    const [code, isTransient, isObstacle] = ['code', 'isTransient', 'isObstacle'].map((each) =>
      Reflect.get(error, each),
    );
    const told = { name, code, message, isTransient, isObstacle, cause };
    return this.#entries(ownFields(told, mostItems), depth);
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

  #entries({ entries, size }: Entries, depth: number): PlainFields {
    const plain: [string, PlainValue][] = [];
    for (const [name, each] of entries) {
      if (this.#left <= 0) break;
      const shown = this.#text(name === '__proto__' ? '(__proto__)' : name, longestName);
      const isSecret = each !== null && isSecretName(name);
      plain.push([shown, isSecret ? this.#text(secretMark) : this.#value(each, depth + 1)]);
    }
    if (size > plain.length) plain.push(['…', this.#text(`${size - plain.length} more`)]);
    return Object.fromEntries(plain);
  }
}

type Entry = readonly [name: string, value: unknown];

interface Entries {
  readonly entries: readonly Entry[];
  /** How many there are, of which these are the first. */
  readonly size: number;
}

const unreadable = '(unreadable)';

/** Undefined: it threw. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Undefined ones are none. */
function ownFields(value: object, most: number): Entries {
  const entries: Entry[] = [];
  const names = Object.keys(value);
  let size = names.length;
  for (const name of names) {
    if (entries.length >= most) break;
    const each = fieldOf(value, name);
    if (each === undefined) size -= 1;
    else entries.push([name, each]);
  }
  return { entries, size };
}

function fieldOf(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return unreadable;
  }
}

function firstOf<T>(items: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const each of items) {
    if (first.length >= most) break;
    first.push(each);
  }
  return first;
}

function nameOf(key: unknown): string {
  return typeof key === 'object' ? '(object)' : String(key);
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
