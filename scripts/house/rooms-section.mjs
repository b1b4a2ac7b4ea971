// The rooms in a document: `<!-- rooms -->`, `<!-- engine rooms -->` and `<!-- import rules -->`, each up to `<!-- end -->`.
// The pictures show the imports as they are, but for arrows that a longer way tells as well, and for what everybody
// stands on; the rules are the table's, a floor a line.
import { dirname } from 'node:path';
import { section } from '../reference-section.mjs';
import { common, floors, rooms } from './rooms.mjs';

/** Not drawn: they know nobody, and are known to nearly everybody. */
const ground = new Set(['src/errors.ts', 'machines/types.ts', 'src/async', 'src/files', 'src/net']);

const wing = 'src/engine';
const engineInterface = 'src/engine/engine.ts';

/**
 * The document with its rooms as they are now.
 * @param {string} text
 * @param {readonly import('./source-files.mjs').SourceFile[]} files
 */
export function withRooms(text, files) {
  const arrows = arrowsOf(files);
  const parts = {
    rooms: mermaid(reduced(arrows, floorOf)),
    'engine rooms': mermaid(reduced(arrows, roomInWing).filter(([from]) => isInWing(from))),
    'import rules': `\`\`\`text\n${rules().join('\n')}\n\`\`\`\n`,
  };
  return Object.entries(parts).reduce((all, [name, part]) => section(all, name, part), text);
}

/** From each room to each that it imports from. */
function arrowsOf(files) {
  const roomOf = (path) => (floors.includes(path) ? path : dirname(path));
  const isOurs = (target) => /^(bin|machines|src)\//.test(target);
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => isOurs(target))
      .map(({ target }) => [roomOf(path), roomOf(target)]),
  );
}

const isInWing = (room) => room === wing || room.startsWith(`${wing}/`);

/** The room with all the rooms within it; the engine's interface is the engine to those above. */
function floorOf(room) {
  if (room === engineInterface || !room.startsWith('src/')) return room;
  return room.split('/').slice(0, 2).join('/');
}

/** The engine's rooms one by one, and what they stand on as a whole. */
function roomInWing(room) {
  if (!isInWing(room)) return floorOf(room);
  return floors.includes(room) ? undefined : room;
}

/** The arrows between what `nameOf` makes of the rooms, without those that a longer way tells as well. */
function reduced(arrows, nameOf) {
  const next = new Map();
  for (const [from, to] of arrows.map((arrow) => arrow.map(nameOf))) {
    if (!from || !to || from === to || ground.has(from) || ground.has(to)) continue;
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const isReached = (from, to) => {
    const reached = new Set(next.get(from));
    for (const each of reached) for (const further of next.get(each) ?? []) reached.add(further);
    return reached.has(to);
  };
  return [...next].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && isReached(other, to)))
      .map((to) => [from, to]),
  );
}

/** From the top of the house down, whatever the order of the files. */
function mermaid(arrows) {
  const order = [...new Set(rooms.flatMap(({ room }) => [floorOf(room), room]))];
  const byOrder = (a, b) => order.indexOf(a) - order.indexOf(b);
  const sorted = arrows.sort(([a, b], [c, d]) => byOrder(a, c) || byOrder(b, d));
  const names = [...new Set(sorted.flat())].sort(byOrder);
  const lines = [
    ...names.map((room) => `${idOf(room)}["${shown(room)}"]`),
    ...sorted.map(([from, to]) => `${idOf(from)} --> ${idOf(to)}`),
  ];
  return `\`\`\`mermaid\nflowchart TD\n${lines.map((line) => `  ${line}\n`).join('')}\`\`\`\n`;
}

/** One line a floor: what its rooms may import of others, then as types alone, then of packages. */
function rules() {
  const names = [...new Set(rooms.map(({ room }) => floorOf(room)))];
  const { imports, types } = common;
  return [
    `everybody → ${imports.map(shown).join(', ')}; as types: ${types.map(shown).join(', ')}`,
    ...names.filter((name) => !ground.has(name)).map(ruleOf),
  ];
}

function ruleOf(name) {
  const within = rooms.filter(({ room }) => floorOf(room) === name);
  const all = (key, shorter) =>
    [...new Set(within.flatMap((rule) => rule[key] ?? []).map(shorter))].filter(
      (each) => each !== name && !(name === wing && each === engineInterface),
    );
  const known = all('imports', (room) => floorOf(room.replace(/\/\*$/, '')));
  const asTypes = all('types', floorOf).filter((room) => !known.includes(room));
  const packages = all('libraries', (each) => each);
  const parts = [
    known.map(shown).join(', '),
    asTypes.length > 0 ? `as types: ${asTypes.map(shown).join(', ')}` : '',
    packages.length > 0 ? `packages: ${packages.join(', ')}` : '',
  ].filter((part) => part !== '');
  return `${shown(name)} → ${parts.length > 0 ? parts.join('; ') : 'nobody'}`;
}

const shown = (room) => room.replace(/^src\//, '');
const idOf = (room) => room.replaceAll(/\W/g, '_');
