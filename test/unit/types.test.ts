// The public types. What this file says of them is checked by the compiler: here, and by `npm run types`.
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { InspectionEvent, Observer } from 'xstate';
import * as machines from '../../machines/index.js';
import { publicTypes, writePublicTypes } from '../../scripts/public-types.mjs';
import * as client from '../../src/client/index.js';
import * as everything from '../../src/index.js';
import {
  type Change,
  createHelper,
  type Diagnostic,
  type DownloadJobOptions,
  type ErrorCode,
  errorCodes,
  type Helper,
  HelperError,
  type HelperEvent,
  type HelperOptions,
  type Job,
  type JobChangesOptions,
  type JobFile,
  type JobOptions,
  type JobResult,
  type JobState,
  type OnEof,
  type ProgressChange,
  type Publication,
  type Restored,
  readProgressLine,
  type StateChange,
  type Tally,
} from '../../src/index.js';
import * as inspector from '../../src/inspection/index.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';

const root = join(import.meta.dirname, '../..');

describe('the public values', () => {
  it('are these and no others', () => {
    expect(Object.keys(everything).sort()).toEqual([
      'HelperError',
      'createHelper',
      'errorCodes',
      'readProgressLine',
    ]);
  });
});

describe('the public values of the client', () => {
  it('are these and no others', () => {
    expect(Object.keys(client).sort()).toEqual([
      'HelperError',
      'connect',
      'errorCodes',
      'startHelper',
    ]);
  });
});

async function compile(include: readonly string[], compilerOptions = {}): Promise<void> {
  const tsconfig = join(await scratchFolder(), 'tsconfig.json');
  const typeRoots = [join(root, 'node_modules/@types')];
  await writeFile(
    tsconfig,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { typeRoots, ...compilerOptions },
      include,
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = promisify(execFile)(process.execPath, [tsc, '-p', tsconfig]);
  await compiled.catch(({ message, stdout }: { message: string; stdout: string }) => {
    throw new Error(`${message}\n${stdout}`);
  });
}

describe('the public types', () => {
  it('pass the compiler', async () => {
    await compile([import.meta.filename, join(root, 'src/**/*.d.ts')]);
  });

  it('are in the package as they are here, one file an entry, with nothing that is not theirs', async () => {
    const packed = await scratchFolder();
    await symlink(join(root, 'node_modules'), join(packed, 'node_modules'));
    await writeFile(join(packed, 'package.json'), '{ "type": "module" }');
    await writePublicTypes(root, packed, publicTypes);
    const inner = /StateMachine|System\b|Settings|KeptJob|Torrent[A-Z]|\bimport\(|from '\./;
    const compared: string[] = [];
    for (const [entry, values] of Object.entries({ index: everything, client, inspector })) {
      const text = await readFile(join(packed, `${entry}.d.ts`), 'utf8');
      const declared = [...text.matchAll(/^export declare (?:\w+) (\w+)/gm)].map(
        ([, name]) => name,
      );
      expect(declared).toEqual(expect.arrayContaining(Object.keys(values)));
      expect(text.match(inner)).toBeNull();
      // Each of ours is what it is here, and the other way round.
      const names = [...text.matchAll(/^export (?:declare )?\w+ (\w+)/gm)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(2);
      for (const name of names) {
        const isValue = name !== undefined && name in values;
        const [packedOne, hereOne] = ['Packed', 'Here'].map(
          (side) => `${isValue ? 'typeof ' : ''}${entry}${side}.${name}`,
        );
        compared.push(`expectTypeOf<${packedOne}>().toEqualTypeOf<${hereOne}>();`);
      }
    }
    const machineNames = Object.keys(machines);
    const same = [
      "import { expectTypeOf } from 'vitest';",
      ...Object.entries(publicTypes).flatMap(([name, source]) => [
        `import type * as ${name}Packed from './${name}.js';`,
        `import type * as ${name}Here from '${join(root, source.replace(/\.ts$/, '.js'))}';`,
      ]),
      ...compared,
      "import type * as xstate from 'xstate';",
      // As a whole they differ so much where they differ at all that the compiler does not come to an end.
      ...machineNames.flatMap((name) =>
        ['EventFrom', 'InputFrom', 'OutputFrom', 'StateValueFrom'].map(
          (part) =>
            `expectTypeOf<xstate.${part}<typeof machinesPacked.${name}>>().toEqualTypeOf<xstate.${part}<typeof machinesHere.${name}>>();`,
        ),
      ),
    ];
    expect(machineNames.length).toBeGreaterThan(4);
    await writeFile(join(packed, 'same.ts'), same.join('\n'));
    await compile([join(packed, '*.ts'), join(root, 'src/**/*.d.ts')]);
    // The compiler runs twice over all there is.
  }, 90_000);

  it('describe a helper', () => {
    expectTypeOf(createHelper).parameter(0).toEqualTypeOf<HelperOptions | undefined>();
    expectTypeOf(createHelper).returns.resolves.toEqualTypeOf<Helper>();
    expectTypeOf<Helper>().toExtend<AsyncDisposable>();
    expectTypeOf<Helper['seed']>().toEqualTypeOf<(path: string, options?: JobOptions) => Job>();
    expectTypeOf<Helper['download']>()
      .parameter(0)
      .toEqualTypeOf<string | { readonly metainfo: Uint8Array }>();
    expectTypeOf<Helper['download']>().parameter(1).toEqualTypeOf<DownloadJobOptions | undefined>();
    expectTypeOf<Helper['job']>().toEqualTypeOf<(id: number) => Job | undefined>();
    expectTypeOf<Helper['jobByKey']>().toEqualTypeOf<(key: string) => Job | undefined>();
    expectTypeOf<Helper['events']>().returns.toEqualTypeOf<AsyncIterable<HelperEvent>>();
    expectTypeOf<Helper['send']>().returns.toEqualTypeOf<Job | undefined>();
    expectTypeOf<Helper['jobs']>().toEqualTypeOf<readonly Job[]>();
    expectTypeOf<Helper['changes']>().returns.toEqualTypeOf<AsyncIterable<Change>>();
    expectTypeOf<Helper['restored']>().resolves.toEqualTypeOf<Restored>();
    expectTypeOf<Restored>().toEqualTypeOf<{
      readonly jobCount: number;
      readonly nextId: number;
    }>();
    expectTypeOf<Helper['stopped']>().resolves.toEqualTypeOf<Tally>();
    expectTypeOf<Helper['close']>().returns.resolves.toEqualTypeOf<void>();
    expectTypeOf<Tally>().toEqualTypeOf<{ readonly failed: number; readonly unfinished: number }>();
  });

  it('describe a job', () => {
    expectTypeOf<Job['published']>().resolves.toEqualTypeOf<Publication>();
    expectTypeOf<Job['done']>().resolves.toEqualTypeOf<JobResult>();
    expectTypeOf<Job['kind']>().toEqualTypeOf<'seed' | 'download' | 'invalid'>();
    expectTypeOf<Job['error']>().toEqualTypeOf<HelperError | undefined>();
    expectTypeOf<Job['files']>().toEqualTypeOf<readonly JobFile[] | undefined>();
    for (const name of ['pause', 'resume', 'move', 'remove'] as const) {
      expectTypeOf<Job[typeof name]>().returns.resolves.toEqualTypeOf<void>();
    }
    expectTypeOf<Job['changes']>().parameter(0).toEqualTypeOf<JobChangesOptions | undefined>();
    expectTypeOf<Job['percent']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Job['state']>().toEqualTypeOf<JobState>();
    expectTypeOf<Job['changes']>().returns.toEqualTypeOf<AsyncIterable<Change>>();
    expectTypeOf<Job['remove']>()
      .parameter(0)
      .toEqualTypeOf<{ readonly data?: boolean } | undefined>();
    expectTypeOf<Publication>().toEqualTypeOf<{
      readonly torrentFile: string;
      readonly infoHash: string;
      readonly magnetUri: string;
    }>();
    expectTypeOf<Change>().toEqualTypeOf<ProgressChange | StateChange>();
    expectTypeOf<Change>().toExtend<Readonly<{ id: number; file: string; state: JobState }>>();
    expectTypeOf<ProgressChange['percent']>().toEqualTypeOf<number>();
    expectTypeOf<StateChange['percent']>().toEqualTypeOf<number | undefined>();
    expectTypeOf(readProgressLine).returns.toEqualTypeOf<
      Pick<ProgressChange, 'id' | 'file' | 'percent'> | undefined
    >();
  });

  it('take options as they are, and none that there are not', () => {
    expectTypeOf<OnEof>().toEqualTypeOf<'finish' | 'stop' | 'seed'>();
    expectTypeOf<{ down: '2M'; up: 5; tracker: string[] }>().toExtend<HelperOptions>();
    expectTypeOf<{ signal: undefined; inspect: undefined }>().toExtend<HelperOptions>();
    expectTypeOf<Observer<InspectionEvent>>().toExtend<HelperOptions['inspect']>();
    expectTypeOf<(event: InspectionEvent) => void>().toExtend<HelperOptions['inspect']>();
    // @ts-expect-error no such option
    const unknown: HelperOptions = { torrentDirectory: '.' };
    // @ts-expect-error no such end
    const malformed: HelperOptions = { onEof: 'sleep' };
    expect([unknown, malformed]).toHaveLength(2);
  });

  it('close the list of errors', () => {
    expectTypeOf<HelperError>().toExtend<Error>();
    expectTypeOf<HelperError['name']>().toEqualTypeOf<'HelperError'>();
    expectTypeOf<HelperError['code']>().toEqualTypeOf<ErrorCode>();
    type Failed = Extract<Diagnostic, { readonly kind: 'failed' }>;
    expectTypeOf<Failed['failure']['code']>().toEqualTypeOf<ErrorCode>();
    expectTypeOf(errorCodes).toExtend<Readonly<Record<ErrorCode, string>>>();
    // @ts-expect-error no such code
    expect(new HelperError('NONSENSE', 'none')).toBeInstanceOf(Error);
  });

  it('tell diagnostics apart by their kind', () => {
    const explain = (diagnostic: Diagnostic): string => {
      switch (diagnostic.kind) {
        case 'failed':
        case 'warning':
        case 'refused':
          return diagnostic.failure.message;
        case 'not-understood':
          return diagnostic.line;
        case 'published':
          return diagnostic.magnetUri;
        case 'done':
        case 'moved':
          return diagnostic.contentPath;
        case 'removed':
        case 'verified':
        case 'announced':
          return diagnostic.file;
      }
    };
    expect(explain({ kind: 'removed', id: 1, file: 'a.iso' })).toBe('a.iso');
  });
});
