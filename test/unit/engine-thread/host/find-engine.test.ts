import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findEngine, type Places } from '../../../../src/engine-thread/host/find-engine.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';

const at = useScratchFolder();
const url = (...names: readonly string[]) => pathToFileURL(at(...names));
const engineOf = (version: string) => `work();\nglobalThis.bittorrentHelperEngine="${version}";\n`;

/** A program that was bundled to out/program.js, of version 1.2.3. */
const places = (more: Partial<Places> = {}): Places => ({
  program: url('out/program.js').href,
  built: url('workers/engine-worker.cjs'),
  version: '1.2.3',
  ...more,
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(at(path), '..'), { recursive: true });
  await writeFile(at(path), text);
}

async function install(version: string): Promise<void> {
  const folder = 'node_modules/bittorrent-helper';
  await write(`${folder}/package.json`, '{ "exports": { "./engine-worker": "./dist/e.cjs" } }');
  await write(`${folder}/dist/e.cjs`, engineOf(version));
}

describe('the engine’s file', () => {
  it('is the one that was built, then one beside the program, then that of the package above it', async () => {
    await install('1.2.3');
    expect(findEngine(undefined, places())).toEqual(
      url('node_modules/bittorrent-helper/dist/e.cjs'),
    );
    await write('out/engine-worker.cjs', engineOf('1.2.3'));
    expect(findEngine(undefined, places())).toEqual(url('out/engine-worker.cjs'));
    await write('workers/engine-worker.cjs', 'as it was built');
    expect(findEngine(undefined, places())).toEqual(url('workers/engine-worker.cjs'));
  });

  it('is that of this version alone, where it may have been copied long ago', async () => {
    await write('out/engine-worker.cjs', engineOf('1.2.2'));
    await install('1.2.3');
    expect(findEngine(undefined, places())).toEqual(
      url('node_modules/bittorrent-helper/dist/e.cjs'),
    );
    await install('1.2.30');
    expect(() => findEngine(undefined, places())).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NOT_FOUND',
        message: expect.stringContaining(
          `${at('out/engine-worker.cjs')} is not the engine of bittorrent-helper 1.2.3, and ${at('node_modules/bittorrent-helper/dist/e.cjs')} is not`,
        ),
      }),
    );
  });

  it('that is nowhere is said with what to do, and where', () => {
    expect(() => findEngine(undefined, places())).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NOT_FOUND',
        message: `${at('out/engine-worker.cjs')} is not there: copy bittorrent-helper/engine-worker of the package there, or say by engineWorkerUrl where it is (docs/embedding.md)`,
      }),
    );
    const nowhere = places({ program: undefined, built: undefined });
    expect(() => findEngine(undefined, nowhere)).toThrow(
      /^where engine-worker.cjs lies is unknown: /,
    );
  });

  it('is the one that is given, and no other', async () => {
    await install('1.2.3');
    await write('given.cjs', engineOf('1.2.3'));
    await write('old.cjs', engineOf('1.2.2'));
    await mkdir(at('folder'));
    expect(findEngine(url('given.cjs'), places())).toEqual(url('given.cjs'));
    const refusal = (message: string) =>
      expect.objectContaining({ code: 'OPTION_INVALID', message });
    for (const [name, flaw] of [
      ['none.cjs', 'is not there'],
      ['folder', 'is no file'],
      ['old.cjs', 'is not the engine of bittorrent-helper 1.2.3'],
    ] as const) {
      expect(() => findEngine(url(name), places())).toThrow(
        refusal(`engineWorkerUrl ${url(name).href} ${flaw}`),
      );
    }
    await rm(at('given.cjs'));
    expect(() => findEngine(url('given.cjs'), places())).toThrow(
      /^engineWorkerUrl .* is not there$/,
    );
  });
});
