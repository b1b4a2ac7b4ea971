// The field's words and not our own: each of these once named something here that BitTorrent, XState or Node have a word
// for. None of them may come back, in names, file names, comments or documents.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../../../scripts/house/source-files.mjs';

const root = join(import.meta.dirname, '../../..');

/** Never, in whatever spelling: `looseEnds`, `loose-ends` and "loose ends" are one word. */
const privateWords: readonly (readonly [word: string, instead: string])[] = [
  ['surroundings?', 'dependencies'],
  ['loose ends?', 'cleanup registry'],
  ['hold claims?|claims', 'torrent locks'],
  ['placed metainfo', 'located torrent'],
  ['report moved', 'job.stateChanged'],
  ['place freed', 'slot.freed'],
  ['misfits?', 'invalid'],
  ['obstruct(s|ed|ing|ions?)?', 'storage error, transient'],
  ['presence', 'peer discovery'],
  ['joined swarms?', 'torrent session'],
  ['greet(s|ed|ing|ings)?( peer)?', 'handshake'],
  ['metadata exchange', 'ut_metadata'],
  ['torrent at work', 'torrent context'],
  ['harden(s|ed|ing)?( wire)?', 'wire limits'],
  ['guard pieces', 'validate messages'],
  ['judg(e|es|ed|ing|ements?)|judge (pieces|resume)', 'smart ban, validate'],
  ['reliev(e|es|ed|ing)( stalled)?', 'snubbed peers'],
  ['request queues?', 'upload queue'],
  ['start quickly', 'request pipeline'],
  ['spread pieces', 'piece order'],
  ['dial budgets?', 'connection limits'],
  ['announcers?', 'tracker client'],
  ['rosters?', 'announce list'],
  ['standings?', 'tracker health'],
  ['troubles?|troubled', 'tracker error'],
  ['undertakings?', 'pending requests'],
  ['engine li(fe|ves)', 'worker handle'],
  ['(watch )?pulses?', 'heartbeat, watchdog'],
  ['(make )?twins?', 'compare copies, copy file'],
  ['vessels?', 'staging folder'],
  ['move notes?', 'relocation marker'],
  ['kept content', 'resumable storage'],
  ['resume keepers?', 'resume writer'],
  ['content layouts?', 'file layout'],
  ['content stores?', 'torrent storage'],
  ['made records?', 'hash cache'],
  ['settled content', 'timestamp granularity'],
  ['place files?', 'atomic write'],
  ['deeds?', 'task'],
  ['(in )?lanes?', 'forEachConcurrent'],
  ['few at once', 'limitConcurrency'],
  ['newest only', 'coalesce'],
  ['settled within', 'withTimeout'],
];

/** Plain words in a sentence, but no names of things. */
const emptyNames: readonly (readonly [word: string, instead: string])[] = [
  ['hold', 'pause, lock'],
  ['held', 'isPausedByUser'],
  ['isHeld', 'isPausedByUser'],
  ['claim', 'lock'],
  ['place', 'location, directory, slot'],
  ['note', 'event, record'],
  ['kept', 'what is kept, and where'],
  ['bans', 'banList'],
  ['destination', 'fileStatus, directory'],
  ['standing', 'trackerHealth'],
  ['takeTurns', 'serialize'],
];

const everyWord = new RegExp(
  `(?<!\\w)(?:${privateWords.map(([word]) => word).join('|')})(?!\\w)`,
  'g',
);
const empty = new Set(emptyNames.map(([word]) => word.toLowerCase()));

/** States of the torrent's chart that are the relocation chart's copying, committing and removingSource. */
const emptyStates = /^\s*(giving|tidying|staging|placing|clearing): \{/;

/** `makeTwin`, `make-twin`, `MAKE_TWIN` and "Make twin" as one: "make twin". */
const asWords = (text: string) =>
  text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[-_.]/g, ' ')
    .toLowerCase();

const lines = (path: string, text: string, found: (line: string) => readonly string[]) =>
  [path, ...text.split('\n')].flatMap((line, index) =>
    found(line).map((word) => `${path}:${index}: ${word}`),
  );

const wordsIn = (line: string) => [...asWords(line).matchAll(everyWord)].map(([word]) => word);

/** What is declared by such a name, and such a name of an actor, an action or a state. */
const namesIn = (line: string) => {
  const declared = line.matchAll(
    /\b(?:const|let|function|class|interface|type)\s+(\w+)|(?<=[{(,]\s*|^\s*(?:readonly\s+)?)(\w+)(?=\??:|\()|'([\w.]+)'/g,
  );
  const names = [...declared].map(
    ([, declaration, member, string]) => declaration ?? member ?? string,
  );
  return names.filter((name) => name !== undefined).filter((name) => empty.has(name.toLowerCase()));
};

const sources = await sourceFiles(root);
const scripts = await sourceFiles(root, ['scripts']);
const documents = await Promise.all(
  [
    ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
    ...(await inDocs()),
  ].map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8').catch(() => '') })),
);

async function inDocs(): Promise<readonly string[]> {
  return (await readdir(join(root, 'docs'))).map((name) => `docs/${name}`);
}

describe('the words', () => {
  it('are told apart from others that hold them', () => {
    expect(wordsIn('an outstanding plane is indeed planed')).toEqual([]);
    expect(wordsIn('makeTwin, loose-ends, PieceJudge')).toEqual([
      'make twin',
      'loose ends',
      'judge',
    ]);
    expect(namesIn("const place = { kept: 1 }; on('hold')")).toEqual(['place', 'kept', 'hold']);
    expect(namesIn('// the place that is kept')).toEqual([]);
  });

  it('are the field’s in all sources and documents', () => {
    expect(
      [...sources, ...scripts, ...documents].flatMap(({ path, text }) =>
        lines(path, text, wordsIn),
      ),
    ).toEqual([]);
  });

  it('are the field’s in the titles and names of the tests', async () => {
    const tests = await sourceFiles(root, ['test']);
    const title = /^\s*(?:\]\))?(?:it|test|describe)\b.*|^\s*'.*',$/;
    const inTitles = (line: string) =>
      wordsIn(/^test\/\S+$/.test(line) ? line : (title.exec(line)?.[0] ?? ''));
    const others = tests.filter(({ path }) => path !== 'test/unit/house/words.test.ts');
    expect(others.flatMap(({ path, code }) => lines(path, code, inTitles))).toEqual([]);
  });

  it('name the steps of a relocation as the relocation does', () => {
    const machines = sources.filter(({ path }) => path.startsWith('machines/'));
    const statesIn = (line: string) => emptyStates.exec(line)?.slice(1) ?? [];
    expect(machines.flatMap(({ path, code }) => lines(path, code, statesIn))).toEqual([]);
  });

  it('name nothing by what says nothing', () => {
    expect(sources.flatMap(({ path, code }) => lines(path, code, namesIn))).toEqual([]);
  });
});
