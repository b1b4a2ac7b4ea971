// The import rules of ARCHITECTURE.md, walked over the import lines themselves.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly target: string; readonly isType: boolean }[];
}

async function sourceFiles(): Promise<SourceFile[]> {
  const folders = ['bin', 'machines', 'src'];
  const found = await Promise.all(
    folders.map((folder) => readdir(join(root, folder), { recursive: true, withFileTypes: true })),
  );
  const paths = found
    .flat()
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return Promise.all(paths.map(readSource));
}

async function readSource(path: string): Promise<SourceFile> {
  const text = await readFile(join(root, path), 'utf8');
  const statements = text.matchAll(/^(?:import|export)(\s+type)?[^;'"]*?from\s+'([^']+)'/gms);
  const dynamic = text.matchAll(/\bimport\('([^']+)'\)/g);
  const targetOf = (specifier = '') =>
    specifier.startsWith('.') ? join(dirname(path), specifier).replace(/\.js$/, '.ts') : specifier;
  return {
    path,
    text,
    imports: [
      ...[...statements].map(([, type, specifier]) => ({
        target: targetOf(specifier),
        isType: type !== undefined,
      })),
      ...[...dynamic].map(([, specifier]) => ({ target: targetOf(specifier), isType: false })),
    ],
  };
}

const files = await sourceFiles();
const below = (...folders: string[]) =>
  files.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)));

/** What of a file is no comment. */
const code = (text: string) => text.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '');

/** Imports of `from` that `allowed` does not let through, as "file → target". */
function breaches(
  from: readonly SourceFile[],
  allowed: (target: string, isType: boolean) => boolean,
): string[] {
  return from.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, isType }) => !allowed(target, isType))
      .map(({ target }) => `${path} → ${target}`),
  );
}

describe('the house', () => {
  it('has files to look at, and sees their imports', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(
      files.find(({ path }) => path === 'src/helper/actor-system.ts')?.imports.length,
    ).toBeGreaterThan(5);
  });

  it('lets machines import xstate and each other, nothing else', () => {
    expect(
      breaches(
        below('machines'),
        (target) => target === 'xstate' || target.startsWith('machines/'),
      ),
    ).toEqual([]);
  });

  // What the machines need done, and so must not know them.
  const trades = [
    'engine',
    'storage',
    'metainfo',
    'tracker',
    'protocol',
    'sources',
    'http',
    'stdio',
  ];
  const tradesmen = below(...trades.map((trade) => `src/${trade}`));

  it('keeps xstate out of engine, storage, metainfo, tracker, protocol, sources, http and stdio', () => {
    expect(breaches(tradesmen, (target) => target !== 'xstate')).toEqual([]);
  });

  it('lets those know of the machines nothing but their vocabulary, as types', () => {
    expect(
      breaches(
        tradesmen,
        (target, isType) =>
          !target.startsWith('machines/') || (isType && target === 'machines/types.ts'),
      ),
    ).toEqual([]);
  });

  it('keeps streams out of the protocol', () => {
    expect(breaches(below('src/protocol'), (target) => !target.startsWith('node:'))).toEqual([]);
  });

  it('keeps the engine, the metainfo, the tracker and the protocol apart from jobs, actors and the command line', () => {
    const inner = below(
      'src/engine',
      'src/storage',
      'src/metainfo',
      'src/tracker',
      'src/protocol',
      'src/sources',
    );
    const upper =
      /^src\/(actors|cli|stdio)\/|^src\/(system|helper|job|create-helper|torrentLocks)\.ts$/;
    expect(breaches(inner, (target) => !upper.test(target))).toEqual([]);
  });

  it('lets nobody but actor-system.ts import the actors, beside what they are given', () => {
    const others = files.filter(
      ({ path }) => path !== 'src/helper/actor-system.ts' && !path.startsWith('src/actors/'),
    );
    const given = /^src\/actors\/(cleanup-registry|dependencies|torrent-locks)\.ts$/;
    expect(
      breaches(others, (target) => !target.startsWith('src/actors/') || given.test(target)),
    ).toEqual([]);
  });

  it('lets the engine know nothing of its host, and its thread nothing of xstate', () => {
    expect(
      breaches(below('src/engine'), (target) => !target.startsWith('src/engine-thread/')),
    ).toEqual([]);
    const thread = [
      'engine-worker',
      'serve-engine',
      'coalesce-progress',
      'messages',
      'heartbeat',
    ].map(
      (name) =>
        `src/engine-thread/${['messages', 'heartbeat'].includes(name) ? '' : 'worker/'}${name}.ts`,
    );
    const inThread = files.filter(({ path }) => thread.includes(path));
    expect(inThread).toHaveLength(thread.length);
    const isKnown = (target: string, isType: boolean) =>
      thread.includes(target) ||
      (isType && target === 'machines/types.ts') ||
      /^(node:|src\/(async|engine|files|metainfo|net|storage)\/|src\/errors\.ts$)/.test(target);
    expect(breaches(inThread, isKnown)).toEqual([]);
  });

  it('lets the host know the engine as types, and of the rest the machines alone', () => {
    const host = below('src/engine-thread').filter(
      ({ path }) => !/\/(engine-worker|serve-engine|coalesce-progress)\.ts$/.test(path),
    );
    const isKnown = (target: string, isType: boolean) =>
      /^(node:|xstate$|machines\/|src\/(async|engine-thread)\/|src\/errors\.ts$)/.test(target) ||
      (isType && /^src\/(engine|files|metainfo|net|storage)\//.test(target));
    expect(breaches(host, isKnown)).toEqual([]);
  });

  it('lets a hashing thread know nothing but metainfo, and metainfo nothing of the engine', () => {
    const reached = new Set(['src/metainfo/create/threads/hash-worker.ts']);
    for (const path of reached) {
      const imports = files.find((file) => file.path === path)?.imports ?? [];
      for (const { target, isType } of imports) {
        if (!isType && target.startsWith('src/')) reached.add(target);
      }
    }
    expect(reached.size).toBeGreaterThan(3);
    const isKnown = (path: string) => /^src\/(async|files|metainfo|errors)/.test(path);
    expect([...reached].filter((path) => !isKnown(path))).toEqual([]);
    expect(
      breaches(below('src/metainfo'), (target) => !/^src\/engine(-thread)?\//.test(target)),
    ).toEqual([]);
  });

  it('lets what runs compiled code know Node alone, so that it is there at once', () => {
    const isKnown = (target: string) =>
      /^(node:|src\/code-cache\/|src\/files\/open-flags\.ts$|src\/options\/state-directory\.ts$)/.test(
        target,
      );
    expect(breaches(below('src/code-cache'), isKnown)).toEqual([]);
  });

  it('touches the process in the bin and at the entry of the thread alone, and the console nowhere', () => {
    const entries = /^bin\/|^src\/engine-thread\/worker\/engine-worker\.ts$/;
    const touching = files
      .filter(({ path, text }) => !entries.test(path) && /(?<![-\w])process\.\w/.test(code(text)))
      .map(({ path }) => path);
    const chatty = files
      .filter(({ text }) => /\bconsole\.\w/.test(code(text)))
      .map(({ path }) => path);
    expect({ touching, chatty }).toEqual({ touching: [], chatty: [] });
  });

  it('builds the engine in one direction: webtorrent, the data path on it, peers and trackers on that', () => {
    const rooms = ['webtorrent', 'data-path', 'peers', 'trackers'];
    const above = (room: string) =>
      rooms.slice(rooms.indexOf(room) + 1).map((other) => `src/engine/${other}/`);
    const upwards = rooms.flatMap((room) =>
      breaches(
        below(`src/engine/${room}`),
        (target) => !above(room).some((other) => target.startsWith(other)),
      ),
    );
    expect(upwards).toEqual([]);
  });

  it('touches the private parts of libraries where webtorrent is tamed, and nowhere else', () => {
    const touching = files
      .filter(({ path }) => !path.startsWith('src/engine/webtorrent/'))
      .flatMap(({ path, text }) =>
        [...code(text).matchAll(/\b\w+\._\w+/g)].map(([member]) => `${path}: ${member}`),
      );
    expect(touching).toEqual([]);
  });

  it('begins every file with a line that says what it is', () => {
    const silent = files
      .filter(({ text }) => !/^(#![^\n]*\n)?(\/\/|\/\*\*)/.test(text))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });
});
