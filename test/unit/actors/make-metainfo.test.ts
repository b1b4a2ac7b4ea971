import { mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createActor, toPromise } from 'xstate';
import type { MakeInput } from '../../../machines/torrent-steps.js';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import { makeMetainfoActor } from '../../../src/actors/make-metainfo.js';
import { createTorrentLocks } from '../../../src/actors/torrent-locks.js';
import { createHelper } from '../../../src/helper/create-helper.js';
import type { Helper } from '../../../src/helper/helper.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import { writeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { resolveOptions } from '../../../src/options/resolve-options.js';
import { fakeEngine, noSession } from '../../support/engine/fake-engine.js';

let dir: string;
let helper: Helper | undefined;

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'make-metainfo-')));
  await mkdir(join(dir, 'data', 'torrents'), { recursive: true });
  await writeFile(join(dir, 'data', 'a'), 'content');
});
afterEach(async () => {
  await helper?.close();
  helper = undefined;
  await rm(dir, { recursive: true });
});

describe('makeMetainfo', () => {
  it('refuses a folder that holds the torrent dir: its .torrent would become content', async () => {
    helper = await createHelper({ torrentDir: join(dir, 'data', 'torrents'), noDht: true });
    await expect(helper.seed(join(dir, 'data')).published).rejects.toMatchObject({
      code: 'TORRENT_UNWRITABLE',
    });
  });

  it('fails the later of two jobs for one path, whichever would be quicker', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const [first, second] = [helper.seed(join(dir, 'data')), helper.seed(join(dir, '.', 'data'))];
    await expect(second.published).rejects.toMatchObject({
      code: 'DUPLICATE',
      message: expect.stringContaining('job 1'),
    });
    await first.published;
  });

  it('begins anew when a job is resumed while it lets go of what it read', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const job = helper.seed(join(dir, 'data'));
    job.pause();
    job.resume();
    await job.published;
  });

  it('takes a file that lies in the torrent dir, and a folder beside it', async () => {
    helper = await createHelper({ torrentDir: dir, noDht: true });
    const { torrentFile } = await helper.seed(join(dir, 'data')).published;
    expect(torrentFile).toBe(join(dir, 'data.torrent'));
    await helper.seed(join(dir, 'data', 'a')).published;
  });
});

describe('makeMetainfo, with a state directory,', () => {
  /** Of a helper that was started just now. */
  function actorLogic() {
    return makeMetainfoActor({
      options: resolveOptions({ torrentDir: join(dir, 'torrents') }),
      engine: fakeEngine(),
      torrentLocks: createTorrentLocks(),
      metainfoMemory: createMetainfoMemory(),
      cleanups: createCleanupRegistry(),
      metainfoWork: createMetainfoWork(join(dir, 'state')),
      announce: { tiers: [], known: Promise.resolve([]) },
      register: () => {},
      unregister: () => {},
      stateDir: join(dir, 'state'),
      session: noSession,
    });
  }

  function make(path: string, contentPath?: string, logic = actorLogic(), id = 1) {
    const input: MakeInput = { id, path, contentPath };
    const actor = createActor(logic, { input });
    const made = toPromise(actor);
    actor.start();
    return made;
  }

  it('leaves content to one job at a time, but for one that was stopped', async () => {
    const logic = actorLogic();
    const first = make(join(dir, 'data'), undefined, logic);
    await expect(make(join(dir, 'data'), undefined, logic, 2)).rejects.toMatchObject({
      code: 'DUPLICATE',
    });
    await first;
    const stopped = createActor(logic, { input: { id: 3, path: join(dir, 'data') } }).start();
    stopped.stop();
    expect(await make(join(dir, 'data'), undefined, logic, 4)).toEqual(await first);
  });

  /** Tells the records apart that were written anew. */
  async function records(): Promise<bigint[]> {
    const made = join(dir, 'state', 'made');
    const stats = (await readdir(made)).map((name) => stat(join(made, name), { bigint: true }));
    return (await Promise.all(stats)).map(({ ctimeNs }) => ctimeNs).sort();
  }

  it('hashes nothing again that did not change', async () => {
    const first = await make(join(dir, 'data'));
    const written = await records();
    expect(written).toHaveLength(1);
    expect(await make(join(dir, 'data'))).toEqual(first);
    expect(await records()).toEqual(written);
    await writeFile(join(dir, 'data', 'a'), 'changed');
    expect(await make(join(dir, 'data'))).not.toEqual(first);
    expect(await records()).not.toEqual(written);
  });

  it('makes the torrent again that lies in the torrent dir, whatever its piece length, without its record', async () => {
    const { metainfo } = await makeMetainfo(
      { path: join(dir, 'data'), isPrivate: true, announce: [], pieceLengthBytes: 2 ** 18 },
      new AbortController().signal,
    );
    await writeTorrentFile({ metainfo, announce: [], dir: join(dir, 'torrents') });
    expect((await make(join(dir, 'data'))).torrent).toEqual(metainfo);
  });

  it('reads content where it lies now, and names it as it was given', async () => {
    const { torrent } = await make(join(dir, 'data'));
    await mkdir(join(dir, 'elsewhere'));
    await rename(join(dir, 'data'), join(dir, 'elsewhere', 'moved'));
    expect(await make(join(dir, 'data'), join(dir, 'elsewhere', 'moved'))).toEqual({
      torrent,
      contentPath: join(dir, 'elsewhere', 'moved'),
      peers: [],
      stamps: expect.any(String),
    });
  });
});
