// Whether what came in is what the schema says, by checks that were compiled at build; and if not, what is wrong, in words
// that help whoever wrote it. It loads no schema.
import checks, { changing } from '../schema/checked.js?checks';
import type {
  ClientNotificationName,
  ClientNotificationParams,
  Method,
  ParamsOf,
} from '../schema/types.js';

type Taken = Method | ClientNotificationName;
type TakenParams<M extends Taken> = M extends Method
  ? ParamsOf<M>
  : M extends ClientNotificationName
    ? ClientNotificationParams<M>
    : never;

const changers: ReadonlySet<string> = new Set(changing);

export function isMethod(name: string): name is Method {
  return Object.hasOwn(checks, name) && !name.startsWith('$/');
}

/** It changes what the helper does. */
export function isChanging(method: Method): boolean {
  return changers.has(method);
}

/** Params that were left out are none: `{}`. */
export function areParamsOf<M extends Taken>(method: M, params: unknown): params is TakenParams<M> {
  return checks[method]?.check(params) ?? false;
}

/** What is wrong with params that do not fit: `key: expected …`. */
export function paramsFlaw(method: Taken, params: unknown): string {
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return 'expected an object';
  }
  const own: ReadonlyMap<string, unknown> = new Map(Object.entries(params));
  const shapes = checks[method]?.shapes ?? [];
  const shape = shapes.find(({ required }) => required.every((each) => own.has(each)));
  if (!shape) {
    const wanted = shapes.map(({ required }) => missing(required, own));
    return `expected ${[...new Set(wanted)].join(', or ')}`;
  }
  const known = new Map(Object.entries(shape.properties));
  for (const [key, each] of own) {
    const property = known.get(key);
    if (property && !property.check(each)) return `${key}: expected ${property.expected}`;
    if (!property) {
      return `there is no ${JSON.stringify(key.slice(0, 100))}; expected ${namesIn([...known.keys()])}`;
    }
  }
  return 'expected something else';
}

function missing(required: readonly string[], own: ReadonlyMap<string, unknown>): string {
  return namesIn(required.filter((each) => !own.has(each)));
}

function namesIn(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}
