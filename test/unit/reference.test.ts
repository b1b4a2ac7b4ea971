// What users are told, by the README, by --help and by the types, held against the grammar, the options, the codes and the
// states. Each table here is complete, or does not pass the compiler.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnostic, Instruction, JobState } from '../../machines/types.js';
import { helpText } from '../../src/cli/arguments/help-text.js';
import { flagOf, optionTable } from '../../src/cli/arguments/option-table.js';
import { parseArguments } from '../../src/cli/arguments/parse-arguments.js';
import { errorCodes } from '../../src/errors.js';
import { parseInstruction } from '../../src/protocol/instruction-line.js';

const readme = await readFile(join(import.meta.dirname, '../../README.md'), 'utf8');
const help = helpText();

/** The text below a heading of the README. */
const section = (heading: string) =>
  readme.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';

/** The cells of the rows of a section's tables, as they are shown. */
const rows = (heading: string) =>
  [...section(heading).matchAll(/^\| (.*) \|$/gm)]
    .map(([, cells = '']) => cells.split(/ (?<!\\)\| /).map((cell) => cell.replaceAll('\\|', '|')))
    .filter(([first = '']) => !/^-+$/.test(first))
    .slice(1);

const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

const spoken: Readonly<
  Record<Exclude<Instruction['kind'], 'invalid' | 'not-understood'>, readonly string[]>
> = {
  seed: ['file:PATH'],
  download: ['torrent:', 'magnet:?…'],
  pause: ['pause:ID'],
  resume: ['resume:ID'],
  move: ['move:ID:DIR'],
  remove: ['remove:ID'],
  delete: ['delete:ID'],
  verify: ['verify:ID'],
  announce: ['announce:ID'],
  list: ['list:'],
  quit: ['quit:'],
};

const kindOf = (text: string) =>
  parseInstruction({ kind: 'text', text: text.replace('ID', '7'), ended: true })?.kind;

describe('the instructions', () => {
  const inReadme = rows('Instructions').flatMap(([first = '']) => quoted(first));
  const inHelp = (/^Instructions:\n(.*?)\n\n/ms.exec(help)?.[1] ?? '')
    .split('\n')
    .flatMap((line) => line.trim().split(/ {2,}/))
    .filter((word) => /^[a-z]+:/.test(word));

  it.each(Object.entries(spoken).flatMap(([kind, forms]) => forms.map((form) => ({ kind, form }))))(
    'are told as the grammar takes them: $form',
    ({ kind, form }) => {
      expect(kindOf(`${form}x`.replace(/(ID|list:|quit:)x$/, '$1'))).toBe(kind);
      expect(inReadme.some((each) => each.startsWith(form))).toBe(true);
      expect(inHelp.some((each) => each.startsWith(form))).toBe(true);
    },
  );

  it.each([
    ['the README', inReadme],
    ['--help', inHelp],
  ])('are none that there are not in %s', (_, told) => {
    expect(told.length).toBeGreaterThan(8);
    expect(told.filter((each) => kindOf(each) === 'not-understood')).toEqual([]);
  });
});

describe('the options', () => {
  const told = rows('Options');
  const onOneLine = help.replaceAll(/\n {20,}/g, ' ');

  it.each(optionTable)('mean the same everywhere: --$name', (option) => {
    const { meaning, default: preset } = option;
    const flag = flagOf(option);
    expect(told).toContainEqual([`\`${flag}\``, meaning, preset ?? '']);
    const inHelp = onOneLine.split('\n').filter((line) => line.trim().startsWith(`${flag} `));
    expect(inHelp.map((line) => line.trim().slice(flag.length).trim())).toEqual([
      preset === undefined ? meaning : `${meaning} (default: ${preset})`,
    ]);
  });

  it('are no others in the README, nor in --help', () => {
    const names = optionTable.map(({ name }) => name).sort();
    const inHelp = [...help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, name]) => name ?? '');
    expect(told.map(([first]) => /--([\w-]+)/.exec(first ?? '')?.[1]).sort()).toEqual(names);
    expect(inHelp.sort()).toEqual([...names, 'help', 'version'].sort());
  });

  it('are the library’s in camelCase, but for what only a terminal has', () => {
    const command = parseArguments([]);
    const camelCase = (name: string) =>
      name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const names = optionTable.map(({ name }) => camelCase(name));
    expect(command.kind === 'run' && Object.keys(command.options).sort()).toEqual(
      names
        .filter(
          (name) =>
            ![
              'inspect',
              'inspectRecord',
              'quiet',
              'stopWith',
              'json',
              'lines',
              'socket',
              'socketControl',
            ].includes(name),
        )
        .sort(),
    );
  });
});

describe('the codes', () => {
  it('of errors are all in the README, and no others', () => {
    const told = rows('Diagnostics and errors').map(([code = '', meaning]) => [code, meaning]);
    expect(told).toEqual(Object.entries(errorCodes).map(([code, text]) => [`\`${code}\``, text]));
  });

  it('with which the command exits are the same in the README and in --help', () => {
    const told = rows('Exit codes').map(([code]) => code);
    const [, text = ''] = /^Exit codes:\n(.*)/ms.exec(help) ?? [];
    expect(told).toEqual(['0', '1', '2', '3', '4', '5']);
    expect([...text.matchAll(/^ {2}(\d) /gm)].map(([, code]) => code)).toEqual(told);
  });
});

it('the states of a job are all in the README, and no others', () => {
  const states: Readonly<Record<JobState, true>> = {
    queued: true,
    making: true,
    writing: true,
    fetching: true,
    registering: true,
    checking: true,
    downloading: true,
    seeding: true,
    recovering: true,
    moving: true,
    paused: true,
    failed: true,
    removed: true,
  };
  const [told = ''] = /^A job's `state` is.*?\n\n/ms.exec(section('As a library')) ?? [];
  const [, ...named] = quoted(told);
  expect([...new Set(named)].sort()).toEqual(Object.keys(states).sort());
});

it('the lines on stderr are all in the README', () => {
  const lines: Readonly<Record<Diagnostic['kind'], string>> = {
    failed: '(name): failed: CODE:',
    warning: '(name): warning: CODE:',
    published: '(name): published: ',
    done: '(name): done: ',
    moved: '(name): moved: ',
    verified: '(name): verified: ',
    announced: '(name): announced: ',
    removed: '(name): removed',
    refused: 'bittorrent-helper: refused: CODE:',
    'not-understood': 'Message not understood: LINE',
  };
  expect(Object.values(lines).filter((line) => !readme.includes(line))).toEqual([]);
});
