// What holds for each file: how it begins and how large it is, whom it exports to, and what it leaves alone.
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceFiles } from '../../../scripts/house/source-files.mjs';

const files = await sourceFiles(join(import.meta.dirname, '../../..'));

/** Small, used by one other, and a file nevertheless. */
const mayBeSmall: readonly (readonly [path: RegExp, why: string])[] = [
  [/^bin\//, 'an entry'],
  [/\/own-url\.ts$/, 'an alias takes its place where the sources are tested'],
  [/^src\/code-cache\/run-engine\.ts$/, 'what a thread begins with'],
  [/\/batch-worker\.ts$/, 'what a thread begins with'],
  [/^src\/dialect\/schema\/checked\.ts$/, 'what is compiled, and is there at run time'],
  [/^src\/actors\//, 'an actor that the machines name, beside the others'],
  [/^src\/http\/response-error\.ts$/, 'an interceptor, beside the others of the chain'],
  [/^src\/async\//, 'a tool for everybody, whoever uses it today'],
];

/** Where the process is touched: what is run, and what a thread begins with. */
const entries = /^bin\/|^src\/engine-thread\/worker\/engine-worker\.ts$/;

/** What is read of the process elsewhere: facts that do not change, and where this user's state lies. */
const processFacts = new Set([
  // Signal 0 asks, and ends nothing.
  "src/cli/processes/seen-process.ts: import { kill } from 'node:process'",
  "src/options/state-directory.ts: import { env } from 'node:process'",
  "src/code-cache/code-file.ts: import { geteuid } from 'node:process'",
  "src/code-cache/builtin-module.ts: import { getBuiltinModule } from 'node:process'",
  "src/code-cache/run-engine.ts: import { argv } from 'node:process'",
  "src/code-cache/run-program.ts: import { arch, version } from 'node:process'",
  "src/client/start-helper.ts: import { execPath } from 'node:process'",
  "src/inspection/index.ts: import { pid } from 'node:process'",
]);

const found = (pattern: RegExp, where = files) =>
  where.flatMap(({ path, code }) =>
    [...code.matchAll(pattern)].map(([text]) => `${path}: ${text}`),
  );

describe('every file', () => {
  it('begins with a line that says what it is', () => {
    const silent = files.filter(({ text }) => !/^(#![^\n]*\n)?(\/\/|\/\*\*)/.test(text));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('exports nothing under a name that another exports', () => {
    const declared =
      /^export\s+(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:const|let|function\*?|class|interface|type|enum)\s+(\w+)/gm;
    const exporters = new Map<string, string[]>();
    for (const { path, code } of files.filter(({ path }) => !path.startsWith('bin/'))) {
      // A function's overloads are one thing.
      for (const name of new Set([...code.matchAll(declared)].map(([, each]) => each ?? ''))) {
        exporters.set(name, [...(exporters.get(name) ?? []), path]);
      }
    }
    expect(exporters.size).toBeGreaterThan(200);
    expect([...exporters].filter(([, paths]) => paths.length > 1)).toEqual([]);
  });

  it('of under 20 lines lives with its user, if it has but one', () => {
    const lonely = files
      .filter(({ text }) => text.split('\n').length - 1 < 20)
      .map(({ path }) => ({
        path,
        users: files.filter(({ imports }) => imports.some(({ target }) => target === path)),
      }))
      .filter(
        ({ path, users }) => users.length === 1 && !mayBeSmall.some(([small]) => small.test(path)),
      )
      .map(({ path, users }) => `${path} → ${users[0]?.path}`);
    expect(lonely).toEqual([]);
  });

  it('has a name in kebab-case that says more than utils', () => {
    const unnamed = files
      .map(({ path }) => basename(path).replace(/\.tsx?$/, ''))
      .filter(
        (name) =>
          !/^[a-z\d]+(-[a-z\d]+)*$/.test(name) ||
          /\b(utils?|helpers|common|manager|service|handler)\b/.test(name),
      );
    expect(unnamed).toEqual([]);
  });

  it('leaves the process to the entries, and the console alone', () => {
    const others = files.filter(({ path }) => !entries.test(path));
    expect(found(/(?<![-\w.'/])process\.\w+/g, others)).toEqual([]);
    const imported = /import ([^;]*) from 'node:process'/g;
    const more = found(imported, others).filter((line) => !processFacts.has(line));
    expect(more).toEqual([]);
    expect(found(/\bconsole\.\w+/g)).toEqual([]);
  });

  it('leaves the private parts of libraries to the room where webtorrent is tamed', () => {
    const others = files.filter(({ path }) => !path.startsWith('src/engine/webtorrent/'));
    // Of an inspection event, whose types name it.
    const typed = ['inspected._transitions', 'actorRef._parent'].map(
      (part) => `src/inspection/observe/xstate-adapter.ts: ${part}`,
    );
    const touched = found(/\b\w+\??\._\w+|\['_\w+'\]/g, others);
    expect(touched.filter((line) => !typed.includes(line))).toEqual([]);
  });
});
