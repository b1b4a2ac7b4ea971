// A job in the hands of a program: what its commands answer, what it says of its torrent, and how it ends.
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Helper, Job } from '../../../src/index.js';
import { createHelper } from '../../../src/index.js';
import { openIn } from '../../support/disks/open-files.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { all, file, helper, linesOf } from '../../support/helper/library-setup.js';
import { until } from '../../support/waiting.js';

/** An info hash that nobody has: a download of it waits for ever. */
const nowhere = 'a'.repeat(40);

const failing = (code: string) =>
  expect.objectContaining({ name: 'HelperError', code, message: expect.any(String) });

const unhandled: unknown[] = [];
process.on('unhandledRejection', (error) => unhandled.push(error));

/** So long a turn of the event loop that Node has told of every rejection nobody handled. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

afterEach(async () => {
  await settled();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A download of what another helper publishes, complete. */
async function downloaded(): Promise<{ job: Job; leecher: Helper; path: string; to: string }> {
  const { path } = await file();
  const to = await scratchFolder();
  const [seeder, leecher] = [await helper(), await helper({ downloadDir: to })];
  const { torrentFile } = await seeder.seed(path).published;
  const job = leecher.download(torrentFile);
  await job.done;
  return { job, leecher, path, to };
}

describe('the changes of a job', () => {
  it('tell that it was paused and goes on, after its 100 too if that is asked for', async () => {
    const { job, leecher } = await downloaded();
    const reading = all(job.changes({ until: 'end' }));
    const short = all(job.changes());
    await job.pause();
    await job.resume();
    await until(() => job.state === 'seeding', 'seeding');
    await leecher.close();
    expect((await short).map(({ percent }) => percent)).toEqual([100]);
    const changes = await reading;
    expect(linesOf(changes)).toEqual([expect.objectContaining({ percent: 100 })]);
    const states = changes.slice(1).map(({ state, percent }) => `${state} ${percent}`);
    expect(states[0]).toBe('paused 100');
    expect(states).toContain('seeding 100');
    expect(states.at(-1)).toBe('removed 100');
  });
});

describe('pause', () => {
  it('resolves when the job has let go of its files, and resume when it is at work', async () => {
    const { job, to } = await downloaded();
    await job.pause();
    expect(job.state).toBe('paused');
    if (process.platform === 'linux') expect(await openIn(to)).toEqual([]);
    await job.pause();
    await job.resume();
    expect(job.state).not.toBe('paused');
  });

  it('rejects where it is taken back before it is done', async () => {
    const { job, to } = await downloaded();
    const moving = job.move(join(to, 'elsewhere'));
    const hasMoved = () => job.contentPath?.includes('elsewhere') === true;
    await until(() => job.state === 'moving' || hasMoved(), 'moving');
    const pausing = job.pause();
    const isPaused = job.state === 'paused';
    const resuming = job.resume();
    if (!isPaused) await expect(pausing).rejects.toEqual(failing('REFUSED'));
    await resuming;
    await moving;
  });
});

describe('move', () => {
  it('resolves when the content lies there, and the job says where', async () => {
    const { job, path, to } = await downloaded();
    const dir = join(to, 'elsewhere');
    await job.move(dir);
    expect(job.contentPath).toBe(join(dir, basename(path)));
    expect(job.files).toEqual([{ path: job.contentPath, lengthBytes: 200_000 }]);
    expect(await readFile(join(dir, basename(path)))).toEqual(await readFile(path));
    await expect(stat(join(to, basename(path)))).rejects.toThrow('ENOENT');
    // It lies there already.
    await job.move(dir);
  });

  it('rejects for the reason for which the content stays', async () => {
    const { job, path, to } = await downloaded();
    const dir = join(to, 'taken');
    await mkdir(dir);
    await writeFile(join(dir, basename(path)), 'of somebody else');
    await expect(job.move(dir)).rejects.toEqual(failing('DESTINATION_EXISTS'));
    expect(job.contentPath).toBe(join(to, basename(path)));
    await expect(job.move('')).rejects.toEqual(failing('INSTRUCTION_INVALID'));
    await expect(Reflect.apply(job.move, job, [undefined])).rejects.toEqual(
      failing('INSTRUCTION_INVALID'),
    );
  });

  it('rejects while the content is not known', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    await expect(job.move(await scratchFolder())).rejects.toEqual(failing('REFUSED'));
  });
});

describe('remove', () => {
  it('resolves when the job is forgotten, and with its data when they are deleted', async () => {
    const { job, leecher, path, to } = await downloaded();
    await job.remove({ data: true });
    expect([job.state, leecher.jobs]).toEqual(['removed', []]);
    await expect(stat(join(to, basename(path)))).rejects.toThrow('ENOENT');
  });

  it('rejects for data that are not the job’s: a source, or what lies there instead', async () => {
    const { job, to, path: original } = await downloaded();
    await job.pause();
    await rm(join(to, basename(original)));
    await writeFile(join(to, basename(original)), 'of somebody else');
    await expect(job.remove({ data: true })).rejects.toEqual(failing('DESTINATION_EXISTS'));
    expect(job.state).toBe('removed');
    const { path } = await file();
    const one = await helper();
    const seed = one.seed(path);
    await seed.done;
    await expect(seed.remove({ data: true })).rejects.toEqual(failing('REFUSED'));
    expect(seed.state).toBe('seeding');
    await expect(Reflect.apply(seed.remove, seed, [{ date: true }])).rejects.toEqual(
      failing('OPTION_INVALID'),
    );
    await seed.remove();
    await stat(path);
  });
});

describe('a command for a job that is over', () => {
  it('rejects, in silence where nobody waits', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    await job.remove();
    await expect(job.pause()).rejects.toEqual(failing('JOB_UNKNOWN'));
    const other = one.download(nowhere);
    await one.close();
    for (const each of [job, other]) {
      void each.pause();
      void each.resume();
      void each.move('elsewhere');
      void each.remove();
    }
    await expect(other.resume()).rejects.toEqual(failing('CLOSED'));
  });
});

describe('an AbortSignal', () => {
  it('is the cause of what a job rejects with, where it ended that', async () => {
    const one = await helper();
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const job = one.download(nowhere, { signal: stop.signal });
    stop.abort(reason);
    await expect(job.done).rejects.toMatchObject({ code: 'REMOVED', cause: reason });
    const late = one.download(nowhere, { signal: stop.signal });
    await expect(late.done).rejects.toMatchObject({ code: 'REMOVED', cause: reason });
    const removed = one.download(nowhere);
    await removed.remove();
    expect(removed.error).toEqual(failing('REMOVED'));
    expect(removed.error?.cause).toBeUndefined();
  });

  it('is the cause where it closed the helper', async () => {
    const [stop, reason] = [new AbortController(), new Error('enough')];
    const one = await helper({ signal: stop.signal });
    const job = one.download(nowhere);
    stop.abort(reason);
    await expect(job.done).rejects.toMatchObject({ code: 'CLOSED', cause: reason });
    expect(() => one.download(nowhere)).toThrow(failing('CLOSED'));
  });
});

describe('published', () => {
  it('rejects at once for a download, whatever becomes of it', async () => {
    const { job } = await downloaded();
    await expect(job.published).rejects.toEqual(failing('REFUSED'));
    const waiting = (await helper()).download(nowhere);
    await expect(waiting.published).rejects.toEqual(failing('REFUSED'));
  });
});

describe('what a job came to', () => {
  it('is on the job, and what done resolves with', async () => {
    const { path } = await file();
    const folder = await scratchFolder();
    await mkdir(join(folder, 'album', 'b'), { recursive: true });
    await writeFile(join(folder, 'album', 'a'), 'aa');
    await writeFile(join(folder, 'album', 'b', 'c'), 'ccc');
    const one = await helper();
    const single = one.seed(path);
    expect(single.files).toBeUndefined();
    const result = await single.done;
    const { infoHash, torrentFile, magnetUri } = await single.published;
    const name = basename(path);
    const files = [{ path, lengthBytes: 200_000 }];
    const contentPath = path;
    const known = { infoHash, name, lengthBytes: 200_000, contentPath, torrentFile, magnetUri };
    expect(result).toEqual({ ...known, files });
    expect(single).toMatchObject({ ...known, files, kind: 'seed', error: undefined });

    const several = one.seed(join(folder, 'album'));
    expect((await several.done).files).toEqual([
      { path: join(folder, 'album', 'a'), lengthBytes: 2 },
      { path: join(folder, 'album', 'b', 'c'), lengthBytes: 3 },
    ]);
    await one.close();
    // It stays when the job is over.
    expect(several).toMatchObject({ state: 'removed', name: 'album', lengthBytes: 5 });
    expect(several.files).toHaveLength(2);
  });

  it('is known of a download as well, and its error when it failed', async () => {
    const { job, path, to } = await downloaded();
    const result = await job.done;
    expect(result).toMatchObject({ contentPath: join(to, basename(path)), torrentFile: undefined });
    expect(result.magnetUri).toContain(`urn:btih:${job.infoHash}`);
    const one = await helper();
    const failed = one.seed(join(path, 'below'));
    const error: unknown = await failed.done.catch((thrown: unknown) => thrown);
    expect(error).toEqual(failing('CONTENT_NOT_FOUND'));
    expect(failed.error).toBe(error);
  });

  it('is shown by console.log and JSON', async () => {
    const { job } = await downloaded();
    expect(inspect(job)).toMatch(/^Job \{\s+id: 1,\s+kind: 'download',\s+state: 'seeding',/);
    expect(inspect(job)).toContain(`infoHash: '${job.infoHash}'`);
    expect(JSON.parse(JSON.stringify(job))).toMatchObject({ id: 1, percent: 100 });
  });
});

describe('what no type allows', () => {
  it('is refused at once, with a code that is no bug’s', async () => {
    const { path } = await file();
    const one = await helper();
    const call = (name: 'seed' | 'download' | 'send' | 'changes', ...args: unknown[]) => {
      return () => Reflect.apply(one[name], one, args);
    };
    for (const given of [undefined, null, 7, '', 'a\0b', {}, new URL('file:///srv/a')]) {
      expect(call('seed', given)).toThrow(failing('INSTRUCTION_INVALID'));
      expect(call('download', given)).toThrow(failing('INSTRUCTION_INVALID'));
    }
    expect(call('seed', new URL('file:///srv/a'))).toThrow(/fileURLToPath/);
    for (const line of [undefined, 7, {}, { kind: 'text', text: 'list:' }]) {
      expect(call('send', line)).toThrow(failing('INSTRUCTION_INVALID'));
    }
    for (const options of [null, 7, { signals: undefined }, { signal: {} }]) {
      expect(call('seed', path, options)).toThrow(failing('OPTION_INVALID'));
      expect(call('changes', options)).toThrow(failing('OPTION_INVALID'));
    }
    expect(one.jobs).toEqual([]);
    expect(one.seed(path).id).toBe(1);
  });

  it.each([
    [null],
    ['options'],
    [{ torrentDirectory: '.' }],
    [{ unknown: undefined }],
    [{ host: null }],
    [{ public: 'yes' }],
    [{ noDht: 1 }],
    [{ onDiagnostic: {} }],
    [{ inspect: 'all' }],
    [{ signal: {} }],
    [{ tracker: 7 }],
    [{ tracker: [undefined] }],
    [{ port: '80' }],
    [{ giveUp: '60' }],
    [{ onEof: {} }],
    [{ stateDir: 5 }],
    [{ down: {} }],
    [{ listen: 5 }],
  ])('is no option of createHelper: %j', async (options) => {
    const given: readonly unknown[] = [options];
    await expect(Reflect.apply(createHelper, undefined, given)).rejects.toEqual(
      failing('OPTION_INVALID'),
    );
  });
});

describe('a session', () => {
  it('brings paused jobs back with what is known of them, and they can go on', async () => {
    const { path } = await file();
    const to = await scratchFolder();
    const session = { stateDir: await scratchFolder(), session: 'story', downloadDir: to };
    const first = await helper(session);
    const seed = first.seed(path);
    const { infoHash } = await seed.done;
    await seed.pause();
    await first.close();

    const second = await helper(session);
    const told = second.changes();
    await second.restored;
    // What it said before anybody could hear it is heard nevertheless.
    const again = second.changes();
    const [job] = second.jobs;
    expect(job).toMatchObject({ state: 'paused', percent: -1, infoHash, contentPath: path });
    await second.close();
    expect(await second.stopped).toEqual({ failed: 0, unfinished: 0 });
    await expect(job?.done).rejects.toEqual(failing('CLOSED'));
    const changes = await all(told);
    expect(linesOf(changes).map(({ percent }) => percent)).toEqual([-1]);
    expect(changes.map(({ state }) => state)).toEqual(['paused', 'paused', 'removed']);
    expect(await all(again)).toEqual(changes);

    const third = await helper(session);
    await third.restored;
    await third.jobs[0]?.resume();
    await third.jobs[0]?.done;
    expect(third.jobs[0]).toMatchObject({ state: 'seeding', percent: 100 });
    await vi.waitFor(() => expect(third.jobs[0]?.torrentFile).toBeDefined());
  });
});
