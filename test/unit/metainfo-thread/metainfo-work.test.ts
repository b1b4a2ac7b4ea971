import { createHook } from 'node:async_hooks';
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askerWith } from '../../../src/async/asker.js';
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import { encodeTorrentFile } from '../../../src/metainfo/create/write-torrent-file.js';
import { encodeBencode } from '../../../src/metainfo/encode-bencode.js';
import { parseAs } from '../../../src/metainfo/parse/parse-as.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { writeFiles } from '../../support/disks/content-files.js';
import { openIn } from '../../support/disks/open-files.js';
import { useScratchFolder } from '../../support/disks/scratch-folder.js';
import { file, folder, KiB } from '../../support/torrents/info-dictionary.js';

const at = useScratchFolder();
const never = new AbortController().signal;
const somebody = askerWith(never);
const announce = [['http://tracker.example/announce']];

function workIn(stateDir?: string) {
  const work = createMetainfoWork(stateDir);
  onTestFinished(() => work.close());
  return work;
}

const request = (path: string) => ({ path: at(path), isPrivate: true, announce });

async function writeMany(name: string, count: number) {
  const names = Array.from({ length: count }, (_, nth) => [`${nth % 7}/${nth}`, `${nth}`]);
  await writeFiles(at(name), Object.fromEntries(names));
}

/** How often this thread asks the disk for something. */
async function countDiskCalls(task: () => Promise<unknown>): Promise<number> {
  let calls = 0;
  const hook = createHook({
    init(_, type) {
      if (type === 'FSREQPROMISE' || type === 'FSREQCALLBACK') calls += 1;
    },
  }).enable();
  try {
    await task();
    return calls;
  } finally {
    hook.disable();
  }
}

describe('metainfo', () => {
  it('is made of a folder as it always is, without this thread asking the disk for each file', async () => {
    await writeMany('many', 500);
    const { metainfo, contentPath } = await makeMetainfo(request('many'), never);
    const work = workIn(at('state'));
    let made: unknown;
    const calls = await countDiskCalls(async () => {
      made = await work.make(request('many'), somebody);
    });
    expect(made).toEqual({ metainfo, contentPath, stamps: expect.any(String) });
    expect(calls).toBeLessThan(20);
    // From the cache.
    expect(await work.make(request('many'), somebody)).toEqual(made);
  });

  it('is made of the first of many long before that of the last', async () => {
    await writeMany('many', 300);
    const paths = Array.from({ length: 300 }, (_, nth) => `many/${nth % 7}/${nth}`);
    const work = workIn();
    // So that there is a thread by now.
    await work.make(request('many'), somebody);
    let made = 0;
    const makings = paths.map(async (path) => {
      await work.make(request(path), somebody);
      made += 1;
    });
    await Promise.race(makings);
    await nextTurn();
    expect(made).toBeLessThan(150);
    await Promise.all(makings);
  });

  it('is not made any more of what waits for its turn, once it is not wanted', async () => {
    await writeMany('many', 300);
    const paths = Array.from({ length: 300 }, (_, nth) => `many/${nth % 7}/${nth}`);
    await writeMany('left', 1);
    const work = workIn(at('state'));
    await work.make(request('many'), somebody);
    const makings = paths.map((path) => work.make(request(path), somebody));
    const stop = new AbortController();
    const last = work.make(request('left'), askerWith(stop.signal));
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(last).rejects.toBe(reason);
    await Promise.all(makings);
    // It is in no record of what was hashed.
    expect(await readdir(at('state/made'))).toHaveLength(1 + paths.length);
  });

  it('is made of many files that come at once without this thread asking the disk for each', async () => {
    await writeMany('few', 100);
    const paths = Array.from({ length: 100 }, (_, nth) => `few/${nth % 7}/${nth}`);
    const work = workIn();
    const calls = await countDiskCalls(() =>
      Promise.all(paths.map((path) => work.make(request(path), somebody))),
    );
    expect(calls).toBeLessThan(100);
  });

  it('is made of a large file among others by the threads that hash', async () => {
    await writeMany('large', 3);
    await writeFile(at('large/zero'), '');
    await truncate(at('large/zero'), 64 * KiB * KiB);
    const { metainfo } = await makeMetainfo(request('large'), never);
    expect((await workIn().make(request('large'), somebody)).metainfo).toEqual(metainfo);
  });

  it('is not made once nobody wants it, and no file is left open', async () => {
    await writeMany('endless', 3);
    await writeFile(at('endless/zero'), '');
    await truncate(at('endless/zero'), 2 ** 37);
    const stop = new AbortController();
    const making = workIn().make(request('endless'), askerWith(stop.signal));
    while ((await openIn(at())).length === 0) await nextTurn();
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(making).rejects.toBe(reason);
    expect(await openIn(at())).toEqual([]);
  });

  it('cannot be made for the reasons there always are, said in the same words', async () => {
    await writeMany('empty', 1);
    await truncate(at('empty/0/0'), 0);
    const there = workIn().make(request('empty'), somebody);
    const here = makeMetainfo(request('empty'), never);
    const [error, same] = await Promise.allSettled([here, there]);
    const reason = error.status === 'rejected' ? error.reason : undefined;
    expect(reason.code).toBe('CONTENT_EMPTY');
    expect(same).toEqual({ status: 'rejected', reason });
  });

  it('is parsed in the thread as it is here, where it is heavy', async () => {
    const info = encodeBencode(folder([file(['a'], 30 * KiB), file(['b'], 10 * KiB)]));
    const bytes = encodeTorrentFile({ info }, announce);
    const work = workIn();
    for (const as of [
      { kind: 'torrent', origin: 'a' },
      { kind: 'torrent of a link', origin: 'a' },
    ] as const) {
      expect(await work.parse(bytes, as, 'heavy')).toEqual(parseAs(bytes, as));
    }
    const as = { kind: 'info', origin: 'a', announce } as const;
    expect(await work.parse(info, as, 'heavy')).toEqual(await work.parse(info, as, 'light'));
    await expect(work.parse(info.subarray(1), as, 'heavy')).rejects.toMatchObject({
      code: 'METAINFO_INVALID',
    });
  });

  it('is neither made nor parsed any more when the helper was closed', async () => {
    await writeMany('data', 3);
    const work = workIn();
    const making = expect(work.make(request('data'), somebody)).rejects.toMatchObject({
      code: 'CLOSED',
    });
    const as = { kind: 'info', origin: 'a', announce } as const;
    const parsing = expect(work.parse(new Uint8Array(9), as, 'heavy')).rejects.toMatchObject({
      code: 'CLOSED',
    });
    await work.close();
    await Promise.all([making, parsing]);
  });

  it('lets its thread end by itself when it is closed', async () => {
    await writeMany('many', 200);
    const exitCode = new Promise((resolve) => {
      process.once('worker', (worker: Worker) => worker.once('exit', resolve));
    });
    const work = workIn();
    await work.make(request('many'), somebody);
    const another = work.make(request('many'), somebody).catch(() => {});
    await Promise.all([work.close(), another]);
    expect(await exitCode).toBe(0);
  });
});
