// The documents, held against what they speak of.
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as machines from '../../machines/index.js';
import { bundledPackages, withPackages } from '../../scripts/bundled-packages.mjs';
import { withRooms } from '../../scripts/house/rooms-section.mjs';
import { sourceFiles } from '../../scripts/house/source-files.mjs';
import { withLimits } from '../../scripts/limits-section.mjs';
import { withReference } from '../../scripts/reference-section.mjs';
import { withStatecharts } from '../../scripts/statechart-section.mjs';
import { commandTable } from '../../src/cli/arguments/command-table.js';
import { optionTable } from '../../src/cli/arguments/option-table.js';
import { errorCodes } from '../../src/errors.js';
import * as limits from '../../src/limits.js';

const root = join(import.meta.dirname, '../..');
const read = (name: string) => readFile(join(root, name), 'utf8');

const hasWord = (text: string, word: string) => new RegExp(`\\b${word}\\b`).test(text);

const linksOf = (text: string) =>
  [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to]) => to ?? '');

describe('the documents', () => {
  it('show the statecharts as they are', async () => {
    const text = await read('ARCHITECTURE.md');
    expect(text).toContain('stateDiagram-v2');
    expect(text).toBe(withStatecharts(text, machines));
  });

  it('show the rooms as they are, and who may import whom', async () => {
    const text = await read('ARCHITECTURE.md');
    expect(text).toContain('flowchart TD');
    expect(text).toContain('machines → as types: errors.ts; packages: xstate\n');
    expect(text).toBe(withRooms(text, await sourceFiles(root)));
  });

  it('name every package that is bundled, and what of it runs', async () => {
    const text = await read('ARCHITECTURE.md');
    const bundles = await bundledPackages();
    expect(text).toContain('`webtorrent`');
    expect(text).toBe(withPackages(text, bundles));

    const bundled = new Set(Object.values(bundles).flat());
    const [, table = ''] = /^### What is whose\n(.*?)^#/ms.exec(text) ?? [];
    const rows = [...table.matchAll(/^\| ([\w@][^|]*) \| ([^|]*) \|/gm)].slice(1);
    const named = rows.flatMap(([, names = '', runs = '']) =>
      names.split(', ').map((name) => ({ name, runs })),
    );
    const isAsked = (name: string) =>
      files.some(({ imports }) =>
        imports.some(
          ({ target, isType }) => !isType && (target === name || target.startsWith(`${name}/`)),
        ),
      );
    const files = await sourceFiles(root);
    // What our own code asks for has a row of its own; what has one runs, unless it says that it does not.
    const names = named.map(({ name }) => name);
    expect([...bundled].filter((name) => isAsked(name) && !names.includes(name))).toEqual([]);
    expect(
      named.filter(
        ({ name, runs }) => !bundled.has(name) && !/^(nothing|as (an oracle|oracles))/.test(runs),
      ),
    ).toEqual([]);
  });

  it('list every option and every error code', async () => {
    const text = await read('README.md');
    expect(text).toContain('`--give-up SECONDS`');
    expect(text).toContain('`DUPLICATE`');
    expect(text).toBe(withReference(text, { optionTable, commandTable, errorCodes }));
  });

  it('give every limit, and no limit that nothing keeps to', async () => {
    const text = await read('docs/limits.md');
    const named = Object.entries(limits).flatMap(([group, each]) =>
      Object.keys(each).map((key) => `${group}.${key}`),
    );
    expect(text).toBe(withLimits(text, await read('src/limits.ts'), limits));
    expect([...text.matchAll(/^\| `/gm)]).toHaveLength(named.length);
    const keeping = (await sourceFiles(root)).filter(({ path }) => path !== 'src/limits.ts');
    // A group may be handed on whole.
    const isKeptTo = (name: string) =>
      name.split('.').every((part) => keeping.some(({ code }) => hasWord(code, part)));
    expect(named.filter((name) => !isKeptTo(name))).toEqual([]);
  });

  it.each([
    'README.md',
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'docs/embedding.md',
    'docs/library.md',
  ])('link to what is there: %s', async (name) => {
    for (const link of linksOf(await read(name))) await access(join(root, dirname(name), link));
  });

  it('lead their reader in the published package to what is in it', async () => {
    const { files }: { files: string[] } = JSON.parse(await read('package.json'));
    const published = ['README.md', 'LICENSE', 'package.json', ...files];
    const links = ['README.md', 'docs/embedding.md', 'docs/inspector.md', 'docs/library.md'].map(
      async (name) => linksOf(await read(name)).map((link) => join(dirname(name), link)),
    );
    const all = (await Promise.all(links)).flat();
    expect(all.length).toBeGreaterThan(10);
    const isPublished = (link: string) =>
      published.some(
        (path) =>
          new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}(?:/|$)`).test(
            link,
          ) || path.startsWith(`${link}/`),
      );
    // The pictures would be most of it; whoever reads without them misses no word.
    const isPicture = (link: string) => link.startsWith('docs/images/');
    expect(all.filter((link) => !isPublished(link) && !isPicture(link))).toEqual([]);
  });

  it.each(['docs/reliability.md', 'docs/field.md', 'SECURITY.md'])(
    'name no proof that is not there: %s',
    async (name) => {
      const text = await read(name);
      const tests = text.match(/\btest\/[\w/-]+\.test\.ts/g) ?? [];
      expect(tests).not.toEqual([]);
      for (const path of tests) await access(join(root, path));
    },
  );
});
