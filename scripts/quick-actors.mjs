// What XState does for each actor, or for each change of one, though it comes to the same every time, is said in another way, to the
// same effect:
// * It makes each actor's options, and those of what a state invokes, of an object that begins with a spread and gets fields
//   besides. On Node 20 V8 makes a hidden class for each one of these, which takes 10 to 20 µs and 300 bytes; a job has three
//   to five actors.
// * It finds out the value and the tags of the state anew where nothing but the context or a child has changed.
// * It makes an AbortSignal for each promise, which takes 5 to 10 µs with its garbage, and is rarely asked for.
import { readFile } from 'node:fs/promises';

/** @type {readonly (readonly [RegExp, string])[]} */
const ofMachines = [
  [/\{\s*\.\.\.defaultOptions,\s*\.\.\.options\s*\}/, 'Object.assign({}, defaultOptions, options)'],
  [
    /\{\s*\.\.\.invokeDef,\s*syncSnapshot: !!invokeDef\.onSnapshot\s*\}/,
    '{ syncSnapshot: !!invokeDef.onSnapshot, ...invokeDef }',
  ],
  [
    /function createMachineSnapshot\(config, machine\)/,
    'function createMachineSnapshot(config, machine, sameState)',
  ],
  [
    /value: getStateValue\(machine\.root, config\._nodes\),/,
    'value: sameState ? sameState.value : getStateValue(machine.root, config._nodes),',
  ],
  [
    /tags: new Set\(config\._nodes\.flatMap\(sn => sn\.tags\)\)/,
    'tags: sameState ? sameState.tags : new Set(config._nodes.flatMap(sn => sn.tags))',
  ],
  [
    /createMachineSnapshot\(\{\s*\.\.\.snapshot,\s*\.\.\.config\s*\}, snapshot\.machine\)/,
    'createMachineSnapshot(Object.assign({}, snapshot, config), snapshot.machine, config._nodes ? undefined : snapshot)',
  ],
];

/** @type {typeof ofMachines} */
const ofPromises = [
  [/\bsignal: controller\.signal\b/, 'get signal() { return controller.signal; }'],
];

/** By the file of XState's. @type {readonly (readonly [RegExp, typeof ofMachines])[]} */
const otherwise = [
  [/[\\/]xstate[\\/]dist[\\/]raise-[0-9a-f]+\.esm\.js$/, ofMachines],
  [/[\\/]xstate[\\/]dist[\\/]xstate-actors\.esm\.js$/, ofPromises],
];

/**
 * For bundles.
 * @returns {import('esbuild').Plugin}
 */
export function quickActors() {
  return {
    name: 'quick-actors',
    setup(build) {
      for (const [filter, sayings] of otherwise) {
        build.onLoad({ filter }, async ({ path }) => {
          let contents = await readFile(path, 'utf8');
          for (const [said, better] of sayings) {
            if (!said.test(contents)) throw new Error(`${path}: has no ${said} any more`);
            contents = contents.replace(said, better);
          }
          return { contents };
        });
      }
    },
  };
}
