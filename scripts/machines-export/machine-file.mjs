// A machine as one file that stands by itself: its chart as a literal, and the names of what it does with nothing behind them. To be
// pasted into an editor of statecharts, or run by hand, event by event.
import { literalConfig } from './literal-config.mjs';

/** Where a delay is computed, there is no number to write. */
const someDelayMs = 1000;

/**
 * @param {import('xstate').AnyStateMachine} machine
 * @param {string} version of the package that it is of
 */
export function machineFile(machine, version) {
  const { actors, actions, guards, delays } = machine.implementations;
  const parts = [
    group('actors', actors, () => 'step'),
    group('actions', actions, () => '() => {}'),
    group('guards', guards, () => '() => true'),
    group('delays', delays, (delay) => String(typeof delay === 'number' ? delay : someDelayMs)),
  ].filter((part) => part !== undefined);
  const hasActors = Object.keys(actors).length > 0;
  return [
    `// The machine ${machine.id} of bittorrent-helper ${version}, written by npm run machines:export. Its chart is whole; what is computed`,
    `// is left out: every guard holds, no step ends by itself, and a delay that depends is one second.`,
    `import { ${hasActors ? 'fromPromise, setup' : 'setup'} } from 'xstate';`,
    '',
    ...(hasActors ? ['const step = fromPromise(() => new Promise<never>(() => {}));', ''] : []),
    `export const ${machine.id}Machine = setup({`,
    ...parts,
    `}).createMachine(${literalText(literalConfig(machine))});`,
    '',
  ].join('\n');
}

function group(name, declared, stand) {
  const lines = Object.entries(declared).map(
    ([key, each]) => `    ${keyText(key)}: ${stand(each)},`,
  );
  return lines.length > 0 ? [`  ${name}: {`, ...lines, '  },'].join('\n') : undefined;
}

/** As people write it: keys without quotes where they need none. */
function literalText(value) {
  return JSON.stringify(value, null, 2).replace(
    /^( *)"((?:[^"\\]|\\.)*)":/gm,
    (_, indent, key) => `${indent}${keyText(key)}:`,
  );
}

function keyText(key) {
  return /^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key);
}
