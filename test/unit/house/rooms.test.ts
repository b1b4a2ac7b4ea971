// Who may import whom: every import of src, machines and bin, held against the table of scripts/house/rooms.mjs.
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { common, floors, mostFiles, rooms } from '../../../scripts/house/rooms.mjs';
import { type SourceFile, sourceFiles } from '../../../scripts/house/source-files.mjs';

const files = await sourceFiles(join(import.meta.dirname, '../../..'));
const table = new Map(rooms.map((rule, floor) => [rule.room, { ...rule, floor }]));

/** The room of a source file; undefined for a package, one of Node's own modules, and the like. */
const roomOf = (target: string) => {
  if (floors.includes(target)) return target;
  return /^(src|machines|bin)\//.test(target) ? dirname(target) : undefined;
};

const isAmong = (names: readonly string[] | undefined, target: string) =>
  (names ?? []).some((name) =>
    name.endsWith('/*')
      ? target === name.slice(0, -2) || target.startsWith(name.slice(0, -1))
      : target === name,
  );
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function mayImport(from: string, target: string, isType: boolean): boolean {
  const rule = table.get(from);
  if (!rule) return false;
  const to = roomOf(target);
  if (to === from) return true;
  if (to !== undefined) {
    const known = [...(rule.imports ?? []), ...(rule.isPure ? [] : common.imports)];
    const asTypes = [...(rule.types ?? []), ...common.types];
    return isAmong(known, to) || (isType && isAmong(asTypes, to));
  }
  if (target.startsWith('node:')) return !rule.isPure;
  if (target === 'package.json') return from === 'bin';
  const name = packageOf(target);
  return isAmong(rule.libraries, name) || (isType && isAmong(rule.typesOf, name));
}

const breaches = files.flatMap(({ path, imports }) =>
  imports
    .filter(({ target, isType }) => !mayImport(roomOf(path) ?? '', target, isType))
    .map(({ target, isType }) => `${path} → ${isType ? 'type ' : ''}${target}`),
);

/** All that runs once a file is loaded. */
function loadedBy(entry: string): readonly SourceFile[] {
  const reached = new Set([entry]);
  const loaded: SourceFile[] = [];
  for (const path of reached) {
    const file = files.find((each) => each.path === path);
    if (!file) continue;
    loaded.push(file);
    for (const { target, isType } of file.imports) if (!isType) reached.add(target);
  }
  return loaded;
}

describe('the house', () => {
  it('is seen: its files and their imports', () => {
    expect(files.length).toBeGreaterThan(150);
    const actorSystem = files.find(({ path }) => path === 'src/helper/actor-system.ts');
    expect(actorSystem?.imports.length).toBeGreaterThan(5);
  });

  it('has a rule for every room, and a room for every rule', () => {
    const found = new Set(files.map(({ path }) => roomOf(path)));
    expect([...found].sort()).toEqual([...table.keys()].sort());
  });

  it('lets nobody import what the table does not name', () => {
    expect(breaches).toEqual([]);
  });

  it('lets imports lead down alone, so that there is no circle', () => {
    const floorOf = (room: string) => table.get(room)?.floor ?? Number.NaN;
    const up = files.flatMap(({ path, imports }) => {
      const from = roomOf(path) ?? '';
      return imports
        .map(({ target }) => ({ target, to: roomOf(target) }))
        .filter(({ to }) => to !== undefined && to !== from && !(floorOf(to) > floorOf(from)))
        .map(({ target }) => `${path} → ${target}`);
    });
    expect(up).toEqual([]);
  });

  it('allows nothing that nobody does', () => {
    const isUsed = (from: string, name: string, asType: boolean) =>
      files.some(
        ({ path, imports }) =>
          roomOf(path) === from &&
          imports.some(
            ({ target, isType }) =>
              isAmong([name], roomOf(target) ?? packageOf(target)) && (asType || !isType),
          ),
      );
    const idle = rooms.flatMap(({ room, imports = [], types = [], libraries = [], typesOf = [] }) =>
      [
        ...[...imports, ...libraries].filter((name) => !isUsed(room, name, false)),
        ...[...types, ...typesOf].filter((name) => !isUsed(room, name, true)),
      ].map((name) => `${room} → ${name}`),
    );
    expect(idle).toEqual([]);
  });

  it('has nothing loose in src but its index, its errors and its limits', () => {
    const loose = files.filter(({ path }) => dirname(path) === 'src').map(({ path }) => path);
    expect(loose).toEqual(['src/errors.ts', 'src/index.ts', 'src/limits.ts']);
  });

  it(`has at most ${mostFiles} files in a room, or a reason`, () => {
    const full = rooms
      .filter(({ because }) => because === undefined)
      .map(({ room }) => ({
        room,
        count: files.filter(({ path }) => roomOf(path) === room).length,
      }))
      .filter(({ count }) => count > mostFiles);
    expect(full).toEqual([]);
  });

  it('lets nobody but actor-system.ts know the actors, beside what they are given', () => {
    const given =
      /^src\/actors\/(cleanup-registry|dependencies|torrent-locks|located-torrent)\.ts$/;
    const others = files
      .filter(
        ({ path }) => path !== 'src/helper/actor-system.ts' && !path.startsWith('src/actors/'),
      )
      .flatMap(({ path, imports }) => imports.map(({ target }) => ({ path, target })))
      .filter(({ target }) => target.startsWith('src/actors/') && !given.test(target));
    expect(others).toEqual([]);
  });

  it.each([
    [
      'src/engine-thread/worker/engine-worker.ts',
      /^src\/(engine|engine-thread|storage|metainfo|tracker-protocol|http|files|async|net)\//,
    ],
    ['src/code-cache/run-engine.ts', /^src\/(code-cache|files|options)\//],
    ['src/metainfo/create/threads/hash-worker.ts', /^src\/(metainfo|files|async)\//],
    [
      'src/engine/data-path/verify/verify-worker.ts',
      /^src\/(engine\/data-path\/verify|metainfo)\//,
    ],
    [
      'bin/bittorrent-helper.ts',
      /^(bin|src\/code-cache|src\/files)\/|^src\/options\/state-directory\.ts$/,
    ],
  ])('loads little where a program or thread starts: %s', (entry, allowed) => {
    const loaded = loadedBy(entry).map(({ path }) => path);
    expect(loaded).toContain(entry);
    const isSmall = (path: string) => path === 'src/errors.ts' || path === 'src/limits.ts';
    expect(loaded.filter((path) => !isSmall(path) && !allowed.test(path))).toEqual([]);
  });

  it.each(['bin/command.ts', 'src/index.ts', 'src/client/index.ts'])(
    'loads no schema where checks compiled of it will do: %s',
    (entry) => {
      const loaded = loadedBy(entry);
      const values = loaded.flatMap(({ imports }) => imports.filter(({ isType }) => !isType));
      expect(loaded.length).toBeGreaterThan(10);
      expect(values.map(({ target }) => target)).not.toContain('typebox');
    },
  );
});
