// The documents, held against what they speak of.
import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as machines from '../../machines/index.js';
import { withReference } from '../../scripts/reference-section.mjs';
import { withStatecharts } from '../../scripts/statechart-section.mjs';
import { optionTable } from '../../src/cli/parse-arguments.js';
import { errorCodes } from '../../src/errors.js';

const root = join(import.meta.dirname, '../..');
const read = (name: string) => readFile(join(root, name), 'utf8');

const linksOf = (text: string) =>
  [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, to]) => to ?? '');

describe('the documents', () => {
  it('show the statecharts as they are', async () => {
    const text = await read('ARCHITECTURE.md');
    expect(text).toContain('stateDiagram-v2');
    expect(text).toBe(withStatecharts(text, machines));
  });

  it('list every option and every error code', async () => {
    const text = await read('README.md');
    expect(text).toContain('`--give-up SECONDS`');
    expect(text).toContain('`DUPLICATE`');
    expect(text).toBe(withReference(text, { optionTable, errorCodes }));
  });

  it.each(['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'])(
    'link to what is there: %s',
    async (name) => {
      for (const link of linksOf(await read(name))) await access(join(root, dirname(name), link));
    },
  );

  it('lead their reader in the published package to what is in it', async () => {
    const { files }: { files: string[] } = JSON.parse(await read('package.json'));
    const published = ['README.md', 'LICENSE', 'package.json', ...files];
    const links = linksOf(await read('README.md'));
    expect(links.length).toBeGreaterThan(5);
    const isPublished = (link: string) =>
      published.some((path) => link === path || link.startsWith(`${path}/`));
    expect(links.filter((link) => !isPublished(link))).toEqual([]);
  });

  it('name no proof that is not there', async () => {
    const text = await read('docs/reliability.md');
    const tests = text.match(/\btest\/[\w/-]+\.test\.ts/g) ?? [];
    expect(tests).not.toEqual([]);
    for (const path of tests) await access(join(root, path));
  });
});
