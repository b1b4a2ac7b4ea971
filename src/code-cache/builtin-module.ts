// A module of Node's own; those a start does not need, which take a millisecond each all the same, are loaded when something
// of them is first used.
import { getBuiltinModule } from 'node:process';

const lazy = /^(?:node:)?(?:dns|dns\/promises|tty|zlib)$/;

/** Undefined: there is none of this name. */
export function builtinModule(id: string): object | undefined {
  if (!lazy.test(id)) return getBuiltinModule(id);
  const load = (): object => getBuiltinModule(id) ?? {};
  return new Proxy(
    {},
    {
      get: (_, key) => Reflect.get(load(), key),
      has: (_, key) => Reflect.has(load(), key),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor(_, key) {
        const found = Reflect.getOwnPropertyDescriptor(load(), key);
        // What the target has not, a proxy may show as nothing else.
        return found && { ...found, configurable: true };
      },
    },
  );
}
