// What an argument that is no instruction was meant to be, as well as it can be guessed. Nothing is looked up.
import { parseInstruction } from '../../protocol/instruction-line.js';
import { commandNamed, commandTable } from './command-table.js';

/** Whether stdin would understand it. */
export function isInstruction(text: string): boolean {
  const kind = parseInstruction({ kind: 'text', text, ended: true })?.kind;
  return kind !== undefined && kind !== 'not-understood';
}

/** By the first that matches, with the word itself in the place of `WORD`, or with what it says without its prefix in that of `REST`. */
const guesses: readonly (readonly [RegExp, string])[] = [
  [/^(?:help|usage|\?)$/i, '--help'],
  [/^version$/i, '--version'],
  [/^(?:list|quit)$/, 'WORD:'],
  [
    /^(?:pause|resume|verify|announce|remove|delete|list|quit)\b/,
    'one of pause:ID, resume:ID, verify:ID, announce:ID, remove:ID, delete:ID, list:, quit:',
  ],
  [/^move\b/, 'move:ID:DIR'],
  [/^(?:file|seed|publish|share|create)$/i, 'file:PATH'],
  [/^(?:info|view)$/i, 'show SOURCE'],
  [/^stately$/i, '--inspect=stately'],
  [/^(?:replay|debug|inspector)$/i, '--inspect, or inspect FILE'],
  [/^(?:torrent|magnet|download|get|fetch|add)$/i, 'torrent:SOURCE'],
  [/^\s*(?:file):/i, 'file:REST'],
  [/^\s*(?:torrent):/i, 'torrent:REST'],
  [/^\s*(?:magnet):/i, 'magnet:REST'],
  [/^urn:btih:/i, 'magnet:?xt=WORD'],
  [/^(?:udp|wss?):/i, '--tracker WORD'],
  [/^https?:.*\/announce$/i, '--tracker WORD'],
  [/^(?:https?:|[0-9a-f]{40}$|[a-z2-7]{32}$)/i, 'torrent:WORD'],
  [/\.torrent$/i, 'torrent:WORD'],
  [/./s, 'file:WORD'],
];

/** What is told of an argument that is no instruction. */
export function meantBy(word: string): string {
  if (word === '')
    return 'an empty argument: expected an instruction, such as file:PATH; see --help';
  if (word === '-') return '-: expected an instruction; stdin is read without it';
  if (commandNamed(word)) return `${word}: expected as the first word, before any instruction`;
  const command = commandTable.find(({ name }) => isMistyped(word, name));
  if (command) {
    return `${word}: expected an instruction; did you mean ${command.name}, or file:${word}? See --help`;
  }
  const [, guess = ''] = guesses.find(([pattern]) => pattern.test(word)) ?? [];
  const meant = guess
    .replace('WORD', () => word)
    .replace('REST', () => word.slice(word.indexOf(':') + 1));
  return `${word}: expected an instruction; did you mean ${meant}? See --help`;
}

/** A letter too many, too few, another, or two the wrong way round. */
function isMistyped(word: string, name: string): boolean {
  if (Math.abs(word.length - name.length) > 1) return false;
  let start = 0;
  while (start < word.length && word[start] === name[start]) start += 1;
  let end = 0;
  const most = Math.min(word.length, name.length) - start;
  while (end < most && word.at(-1 - end) === name.at(-1 - end)) end += 1;
  const [mine, meant] = [word, name].map((text) => text.slice(start, text.length - end));
  if (mine === undefined || meant === undefined) return false;
  return Math.max(mine.length, meant.length) < 2 || mine === [...meant].reverse().join('');
}
