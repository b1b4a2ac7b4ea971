import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Change, Diagnostic } from '../../../machines/types.js';
import { HelperError } from '../../../src/errors.js';
import { createHelper } from '../../../src/helper/create-helper.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { all, file, helper, linesOf } from '../../support/helper/library-setup.js';
import { getAnnounce } from '../../support/trackers/tracker-requests.js';

/** An info hash that nobody has: a download of it waits for ever. */
const nowhere = 'a'.repeat(40);

const failing = (code: string) =>
  expect.objectContaining({ name: 'HelperError', code, message: expect.any(String) });

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => unhandled.push(error);
process.on('unhandledRejection', onUnhandled);
process.on('uncaughtException', onUnhandled);

/** So long a turn of the event loop that Node has told of every rejection nobody handled. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

afterEach(async () => {
  await settled();
  expect(unhandled.splice(0)).toEqual([]);
});

describe('a helper', () => {
  it('publishes a file that another helper of the same process downloads', async () => {
    const { path, bytes } = await file();
    const downloadDir = await scratchFolder();
    const seeder = await helper();
    const leecher = await helper({ downloadDir });

    const seed = seeder.seed(path);
    const { infoHash, torrentFile, magnetUri } = await seed.published;
    await seed.done;
    expect(infoHash).toMatch(/^[0-9a-f]{40}$/);
    expect(await readFile(torrentFile)).toBeInstanceOf(Buffer);
    expect(magnetUri).toContain(`magnet:?xt=urn:btih:${infoHash}`);
    expect(seed).toMatchObject({ id: 1, file: path, state: 'seeding', percent: 100 });

    const job = leecher.download(torrentFile);
    const changes = await all(job.changes());
    await job.done;
    expect(job).toMatchObject({ id: 1, file: basename(path), state: 'seeding', percent: 100 });
    expect(await readFile(join(downloadDir, basename(path)))).toEqual(bytes);
    const percents = linesOf(changes).map(({ percent }) => percent);
    expect(percents[0]).toBe(-1);
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
  });

  it('downloads by a magnet link', async () => {
    const { path, bytes } = await file();
    const downloadDir = await scratchFolder();
    const seeder = await helper();
    const leecher = await helper({ downloadDir });
    const { magnetUri } = await seeder.seed(path).published;
    await leecher.download(magnetUri).done;
    expect(await readFile(join(downloadDir, basename(path)))).toEqual(bytes);
  });

  it('is known to its own tracker without a connection there, as long as it seeds', async () => {
    const connections: unknown[] = [];
    const count = (connection: unknown) => connections.push(connection);
    subscribe('net.server.socket', count);
    onTestFinished(() => void unsubscribe('net.server.socket', count));
    const { path } = await file();
    const one = await helper();
    const job = one.seed(path);
    const { infoHash } = await job.published;
    expect(connections).toEqual([]);
    const url = `${one.announce[0]?.[0]}`;
    const known = async () => (await getAnnounce(url, { infoHash })).peers;
    expect(await known()).toEqual([`127.0.0.1:${one.peerPort}`]);
    expect(connections).toHaveLength(1);
    job.remove();
    await vi.waitFor(async () => expect(await known()).toEqual([]));
  });

  it('lists its live jobs, and counts their ids on', async () => {
    const { path } = await file();
    const one = await helper();
    const first = one.seed(join(await scratchFolder(), 'missing'));
    const second = one.seed(path);
    const third = one.download(nowhere);
    expect([first, second, third].map(({ id }) => id)).toEqual([1, 2, 3]);
    await expect(first.done).rejects.toEqual(failing('CONTENT_NOT_FOUND'));
    await second.done;
    expect(one.jobs).toEqual([second, third]);
    second.remove();
    expect(one.jobs).toEqual([third]);
    expect(one.seed(path).id).toBe(4);
  });

  it('tells every change of every job', async () => {
    const [a, b] = [await file(), await file()];
    const one = await helper();
    const changes = one.changes();
    await Promise.all([one.seed(a.path).done, one.seed(b.path).done]);
    await one.close();
    const told = await all(changes);
    const lines = linesOf(told).map(({ id, percent }) => `${id}:${percent}`);
    expect(lines.sort()).toEqual(['1:-1', '1:100', '2:-1', '2:100']);
    const states = told.filter(({ type, id }) => type === 'state' && id === 1);
    expect(states.map(({ kind, state, percent }) => [kind, state, percent])).toEqual([
      ['seed', 'making', undefined],
      ['seed', 'writing', undefined],
      ['seed', 'registering', undefined],
      ['seed', 'seeding', -1],
      ['seed', 'removed', 100],
    ]);
  });

  it('takes a line as stdin does, and gives back the job that it began', async () => {
    const { path } = await file();
    const diagnostics: Diagnostic[] = [];
    const one = await helper({ onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) });
    const job = one.send(`file:${path}`);
    await job?.done;
    expect(job).toMatchObject({ id: 1, file: path });
    expect(one.send('list:')).toBeUndefined();
    expect(one.send('sing:a song')).toBeUndefined();
    expect(one.send('remove:1')).toBeUndefined();
    await settled();
    expect(one.jobs).toEqual([]);
    expect(diagnostics.map(({ kind }) => kind)).toEqual(['published', 'not-understood', 'removed']);

    const invalid = one.send('file:');
    expect(invalid?.id).toBe(2);
    await expect(invalid?.done).rejects.toEqual(failing('INSTRUCTION_INVALID'));
  });

  it('lets several helpers live side by side, and ends one without harm to the others', async () => {
    const { path } = await file();
    const [one, two] = [await helper(), await helper()];
    expect(one.peerPort).not.toBe(two.peerPort);
    expect(one.announce).not.toEqual(two.announce);
    await Promise.all([one.seed(path).done, two.seed(path).done]);
    await one.close();
    expect(two.jobs[0]).toMatchObject({ percent: 100, state: 'seeding' });
    await two.seed((await file()).path).done;
  });

  it('says how many jobs its session brought back, and which id comes next', async () => {
    const { path } = await file();
    const options = { stateDir: await scratchFolder(), session: 'story' };
    const first = await helper(options);
    expect(await first.restored).toEqual({ jobCount: 0, nextId: 1 });
    await first.seed(path).done;
    await expect(first.seed(join(path, 'below')).done).rejects.toBeInstanceOf(HelperError);
    await first.close();
    const second = await helper(options);
    expect(await second.restored).toEqual({ jobCount: 1, nextId: 3 });
    expect(second.seed(path).id).toBe(3);
  });

  it('rejects options that are wrong, and names them', async () => {
    await expect(createHelper({ host: 'nowhere' })).rejects.toEqual(failing('OPTION_INVALID'));
    await expect(createHelper({ noTracker: true })).rejects.toThrow(/--no-tracker.*--public/);
  });

  it('rejects a directory that cannot be made', async () => {
    const { path } = await file();
    const opening = createHelper({ torrentDir: join(path, 'below') });
    await expect(opening).rejects.toEqual(failing('OPTION_INVALID'));
    await expect(opening).rejects.toThrow(/^--torrent-dir .*below: expected a folder/);
  });

  it('leaves nothing open when its peer port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const trackerPort = await freePort();
    const dir = await scratchFolder();
    const stateDir = await scratchFolder();
    const options = { torrentDir: dir, downloadDir: dir, trackerPort, stateDir, session: 'one' };
    await expect(createHelper({ ...options, port })).rejects.toEqual(failing('PORT_TAKEN'));
    taken.close();
    // The tracker's port is free again, and so is the session.
    const second = await helper(options);
    expect(second.announce[0]?.[0]).toContain(`:${trackerPort}/`);
  });
});

describe('the end of a helper', () => {
  it('may be asked for twice, and comes once', async () => {
    const one = await helper();
    const closing = one.close();
    expect(one.close()).toBe(closing);
    await closing;
    await one.close();
    expect(await one.stopped).toEqual({ failed: 0, unfinished: 0 });
  });

  it('rejects what is not done yet with CLOSED, and ends who reads changes', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    const ofJob = all(job.changes());
    const ofHelper = all(one.changes());
    await one.close();
    await expect(job.done).rejects.toEqual(failing('CLOSED'));
    expect((await ofJob).map(({ state }) => state)).toEqual(['fetching', 'removed']);
    expect((await ofHelper).map(({ state }) => state)).toEqual(['removed']);
    expect(await one.stopped).toEqual({ failed: 0, unfinished: 1 });
    expect(one.jobs).toEqual([]);
  });

  it('lets no further job begin', async () => {
    const one = await helper();
    await one.close();
    expect(() => one.seed('anything')).toThrow(failing('CLOSED'));
    expect(() => one.download(nowhere)).toThrow(HelperError);
    expect(one.send('file:anything')).toBeUndefined();
    expect(await all(one.changes())).toEqual([]);
  });

  it('comes by `await using`', async () => {
    const one = await helper();
    await one[Symbol.asyncDispose]();
    expect(() => one.seed('anything')).toThrow(failing('CLOSED'));
  });

  it('comes by an AbortSignal', async () => {
    const stop = new AbortController();
    const one = await helper({ signal: stop.signal });
    const job = one.download(nowhere);
    stop.abort();
    await expect(job.done).rejects.toEqual(failing('CLOSED'));
    await one.stopped;
    await one.close();
  });

  it('comes before the beginning, if the AbortSignal says so meanwhile', async () => {
    await expect(createHelper({ signal: AbortSignal.abort() })).rejects.toEqual(failing('CLOSED'));
    const stop = new AbortController();
    const dir = await scratchFolder();
    const opening = createHelper({ torrentDir: dir, downloadDir: dir, signal: stop.signal });
    stop.abort();
    await expect(opening).rejects.toEqual(failing('CLOSED'));
  });

  it('comes after the last download, once it was told that nothing follows', async () => {
    const { path } = await file();
    const seeder = await helper();
    const leecher = await helper();
    const { torrentFile } = await seeder.seed(path).published;
    const job = leecher.download(torrentFile);
    leecher.end();
    await job.done;
    expect(await leecher.stopped).toEqual({ failed: 0, unfinished: 0 });
    expect(() => leecher.seed(path)).toThrow(failing('CLOSED'));
  });
});

describe('a job', () => {
  it('fails with a HelperError, and harms nothing where nobody waits for it', async () => {
    const one = await helper();
    const job = one.seed(join(await scratchFolder(), 'missing'));
    const changes = await all(job.changes());
    expect(changes.map(({ state }) => state)).toEqual(['making', 'failed', 'failed']);
    expect(linesOf(changes).map(({ percent }) => percent)).toEqual([-2]);
    await settled();
    expect(unhandled).toEqual([]);
    await expect(job.published).rejects.toBeInstanceOf(HelperError);
    await expect(job.published).rejects.toEqual(failing('CONTENT_NOT_FOUND'));
    expect(job).toMatchObject({ state: 'failed', percent: -2 });
    expect((await all(job.changes())).map(({ percent }) => percent)).toEqual([-2]);
  });

  it('fails as DUPLICATE beside another of the same torrent', async () => {
    const { path } = await file();
    const one = await helper();
    await one.seed(path).published;
    await expect(one.seed(path).done).rejects.toEqual(failing('DUPLICATE'));
  });

  it('is paused, and goes on when it is resumed', async () => {
    const { path, bytes } = await file();
    const downloadDir = await scratchFolder();
    const [seeder, leecher] = [await helper(), await helper({ downloadDir })];
    const { torrentFile } = await seeder.seed(path).published;
    const job = leecher.download(torrentFile);
    job.pause();
    expect(job.state).toBe('paused');
    job.resume();
    expect(job.state).toBe('fetching');
    await job.done;
    expect(await readFile(join(downloadDir, basename(path)))).toEqual(bytes);
    job.pause();
    expect(job.state).toBe('paused');
    job.resume();
    await vi.waitFor(() => expect(job.state).toBe('seeding'));
  });

  it('is removed, and keeps its data', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    job.remove();
    expect(job.state).toBe('removed');
    expect(one.jobs).toEqual([]);
    await expect(job.done).rejects.toEqual(failing('REMOVED'));
  });

  it('is removed with its data, where it downloaded them', async () => {
    const { path } = await file();
    const downloadDir = await scratchFolder();
    const other = join(downloadDir, 'another file');
    await writeFile(other, 'stays');
    const [seeder, leecher] = [await helper(), await helper({ downloadDir })];
    const { torrentFile } = await seeder.seed(path).published;
    const job = leecher.download(torrentFile);
    await job.done;
    job.remove({ data: true });
    await vi.waitFor(() => expect(job.state).toBe('removed'));
    await expect(stat(join(downloadDir, basename(path)))).rejects.toThrow('ENOENT');
    expect(await readFile(other, 'utf8')).toBe('stays');
  });

  it('never deletes what it publishes', async () => {
    const { path, bytes } = await file();
    const diagnostics: Diagnostic[] = [];
    const one = await helper({ onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) });
    const job = one.seed(path);
    await job.done;
    job.remove({ data: true });
    await settled();
    expect(diagnostics.at(-1)).toMatchObject({ kind: 'refused', failure: { code: 'REFUSED' } });
    expect(job.state).toBe('seeding');
    expect(await readFile(path)).toEqual(bytes);
  });

  it('is removed by its AbortSignal, and no more touched by it once it is over', async () => {
    const diagnostics: Diagnostic[] = [];
    const one = await helper({ onDiagnostic: (diagnostic) => diagnostics.push(diagnostic) });
    const stop = new AbortController();
    const [first, second] = [
      one.download(nowhere, { signal: stop.signal }),
      one.download('b'.repeat(40), { signal: stop.signal }),
    ];
    first.remove();
    stop.abort();
    await expect(second.done).rejects.toEqual(failing('REMOVED'));
    await settled();
    expect(diagnostics.map(({ kind }) => kind)).toEqual(['removed', 'removed']);
    const third = one.download(nowhere, { signal: stop.signal });
    await expect(third.done).rejects.toEqual(failing('REMOVED'));
  });

  it('tells whoever comes late its newest change first', async () => {
    const { path } = await file();
    const one = await helper();
    const job = one.seed(path);
    await job.done;
    const changes: Change[] = await all(job.changes());
    expect(changes).toEqual([
      {
        type: 'progress',
        id: 1,
        kind: 'seed',
        file: path,
        percent: 100,
        state: 'seeding',
        repeated: false,
      },
    ]);
  });

  it('tells no more once the AbortSignal of its reader aborts', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    const stop = new AbortController();
    const reading = all(job.changes({ signal: stop.signal }));
    const readingAll = all(one.changes({ signal: stop.signal }));
    stop.abort();
    expect((await reading).map(({ state }) => state)).toEqual(['fetching']);
    expect(await readingAll).toEqual([]);
    expect(await all(job.changes({ signal: stop.signal }))).toEqual([]);
    expect(await all(one.changes({ signal: stop.signal }))).toEqual([]);
    expect(job.state).toBe('fetching');
  });
});

describe('those who watch', () => {
  it('see the machines, and harm nothing when they throw', async () => {
    const { path } = await file();
    const seen = new Set<string>();
    const one = await helper({
      inspect: (event) => {
        seen.add(event.type);
        throw new Error('watcher');
      },
    });
    await one.seed(path).done;
    expect([...seen]).toEqual(
      expect.arrayContaining(['@xstate.actor', '@xstate.event', '@xstate.snapshot']),
    );
    const observed: string[] = [];
    const two = await helper({ inspect: { next: ({ type }) => observed.push(type) } });
    await two.seed(path).done;
    expect(observed).toContain('@xstate.snapshot');
  });

  it('hear diagnostics, and harm nothing when they throw', async () => {
    const { path } = await file();
    const one = await helper({
      onDiagnostic: () => {
        throw new Error('listener');
      },
    });
    await expect(one.seed(join(path, 'below')).done).rejects.toBeInstanceOf(HelperError);
    await one.seed(path).done;
    await settled();
    expect(unhandled).toEqual([]);
  });

  it('are told what they threw, now or later', async () => {
    const told: Diagnostic[] = [];
    const one = await helper({
      onDiagnostic: (diagnostic) => {
        told.push(diagnostic);
        if (diagnostic.kind === 'refused') throw new Error('at once');
        if (diagnostic.kind === 'not-understood') return Promise.reject(new Error('later'));
        return undefined;
      },
      inspect: () => {
        throw new Error('while watching');
      },
    });
    one.send('pause:7');
    one.send('sing:a song');
    const thrown = (message: string) => {
      return { kind: 'warning', failure: { code: 'LISTENER_FAILED', message } };
    };
    await vi.waitFor(() => expect(told).toHaveLength(5));
    expect(told).toEqual([
      thrown('inspect threw: while watching'),
      expect.objectContaining({ kind: 'refused', id: 7, command: 'pause' }),
      thrown('onDiagnostic threw: at once'),
      { kind: 'not-understood', line: 'sing:a song' },
      thrown('onDiagnostic threw: later'),
    ]);
  });

  it('may begin a job when they hear of another', async () => {
    const { path } = await file();
    const begun: number[] = [];
    const one = await helper({
      onDiagnostic: ({ kind }) => {
        if (kind === 'failed') begun.push(one.seed(path).id);
      },
    });
    one.send('file:');
    await vi.waitFor(() => expect(begun).toEqual([2]));
    await one.jobs[0]?.done;
  });
});

describe('the process around it', () => {
  it('is left alone: streams, signals, exit code, and fetch', async () => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;
    const state = () => ({
      listeners: [...signals, 'exit', 'beforeExit', 'uncaughtException', 'unhandledRejection'].map(
        (name) => process.listenerCount(name),
      ),
      streams: [process.stdin, process.stdout, process.stderr].map((stream) =>
        stream.eventNames().map((name) => [name, stream.listenerCount(name)]),
      ),
      exitCode: process.exitCode,
    });
    const before = state();
    const writes = [
      vi.spyOn(process.stdout, 'write'),
      vi.spyOn(process.stderr, 'write'),
      vi.spyOn(console, 'log'),
      vi.spyOn(console, 'warn'),
      vi.spyOn(console, 'error'),
    ];
    const { path } = await file();
    const downloadDir = await scratchFolder();
    await mkdir(join(downloadDir, basename(path)));
    const [seeder, leecher] = [await helper(), await helper({ downloadDir })];
    const job = seeder.seed(path);
    const { torrentFile } = await job.published;
    await expect(leecher.download(torrentFile).done).rejects.toEqual(failing('DESTINATION_EXISTS'));
    const during = state();
    for (const line of ['list:', 'sing:a song', 'file:', 'pause:8', 'delete:7']) seeder.send(line);
    seeder.end();
    seeder.send('list:');
    await Promise.all([seeder.close(), leecher.close()]);
    for (const give of [() => seeder.seed(path), () => seeder.download(path)]) {
      expect(give).toThrow(failing('CLOSED'));
    }
    seeder.send('quit:');
    seeder.end();
    job.remove();
    const after = state();
    const written = writes.flatMap((spy): unknown[] => spy.mock.calls);
    vi.restoreAllMocks();
    expect(written).toEqual([]);
    expect(during).toEqual(before);
    expect(after).toEqual(before);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
