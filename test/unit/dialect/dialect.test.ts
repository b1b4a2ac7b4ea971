// The methods and events of the dialect over a real helper, by clients in this process.
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { dialectLimits } from '../../../src/limits.js';
import { readLines } from '../../../src/stdio/read-lines.js';
import { connect, speak } from '../../support/dialect/connected-client.js';
import { aFailure } from '../../support/dialect/dialect-client.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { file, helper } from '../../support/helper/library-setup.js';
import { until } from '../../support/waiting.js';

const nobody = (last = 'a') => `magnet:?xt=urn:btih:${last.repeat(40)}`;

async function spoken() {
  const library = await helper();
  const dialect = speak(library);
  return { library, dialect, ...connect(dialect) };
}

describe('a job', () => {
  it('is published, told with all that is known, listed, and removed', async () => {
    const { client, library } = await spoken();
    const { path } = await file(200_000);
    expect(await client.request('job.publish', { path, key: 'k' })).toEqual({
      id: 1,
      created: true,
    });
    const job = await client.request('job.wait', { id: 1, until: 'published' });
    const [live] = library.jobs;
    expect(job).toMatchObject({
      id: 1,
      key: 'k',
      kind: 'seed',
      state: 'seeding',
      file: path,
      infoHash: live?.infoHash,
      torrentFile: live?.torrentFile,
      lengthBytes: 200_000,
      files: 1,
      percent: 100,
      private: true,
      error: null,
    });
    expect(Object.values(job)).not.toContain(undefined);
    expect(await client.request('job.get', { id: 1 })).toEqual(job);
    expect(await client.request('job.list')).toEqual({ jobs: [job], next: null });
    expect(await client.request('helper.stats')).toMatchObject({ jobs: { seeding: 1, paused: 0 } });

    expect(await client.request('job.pause', { id: 1 })).toEqual({});
    expect(await client.told('job.state', { id: 1, to: 'paused' })).toMatchObject({
      reason: 'user',
    });
    expect(await client.request('job.resume', { id: 1 })).toEqual({});
    expect(await client.request('job.remove', { id: 1 })).toEqual({});
    await client.told('job.ended', { id: 1, end: 'removed', key: 'k' });
    expect(await client.request('job.list')).toEqual({ jobs: [], next: null });
    expect(await client.request('job.get', { id: 1 })).toMatchObject({ id: 1, state: 'removed' });
  });

  it('is the same under the same key, and another request under it is KEY_TAKEN', async () => {
    const { client } = await spoken();
    const fetch = { source: nobody(), key: 'one', paused: true };
    expect(await client.request('job.fetch', fetch)).toEqual({ id: 1, created: true });
    expect(await client.request('job.fetch', fetch)).toEqual({ id: 1, created: false });
    const taken = await client.fault('job.fetch', { ...fetch, source: nobody('b') });
    expect(taken).toMatchObject({ code: -32000, data: aFailure('KEY_TAKEN') });
    expect(await client.request('job.fetch', { ...fetch, key: 'two' })).toEqual({
      id: 2,
      created: true,
    });
  });

  it('may be given as metainfo', async () => {
    const { client } = await spoken();
    const { path } = await file(50_000);
    await client.request('job.publish', { path });
    const { torrentFile } = await client.request('job.wait', { id: 1, until: 'published' });
    await client.request('job.remove', { id: 1 });
    const metainfo = (await readFile(torrentFile)).toString('base64');
    const dir = await scratchFolder();
    const { id } = await client.request('job.fetch', { metainfo, dir });
    const known = await client.request('job.wait', { id, until: 'known' });
    expect(known).toMatchObject({ lengthBytes: 50_000, contentPath: join(dir, known.name) });

    const flawed = await client.request('job.fetch', { metainfo: 'AAAA' });
    const { data } = await client.fault('job.wait', { id: flawed.id, until: 'known' });
    expect(data).toEqual(aFailure('METAINFO_INVALID'));
  });

  it('that failed is the error of whoever waits for it, then and later', async () => {
    const { client } = await spoken();
    const { path } = await file(10);
    await rm(path);
    const { id } = await client.request('job.publish', { path });
    for (const point of ['known', 'published', 'done', 'ended']) {
      const { code, data } = await client.fault('job.wait', { id, until: point });
      expect({ code, data }).toMatchObject({ code: -32000, data: { jobId: id } });
      expect(data).toEqual(aFailure('CONTENT_NOT_FOUND'));
    }
    const { error } = await client.request('job.get', { id });
    expect(error).toEqual(aFailure('CONTENT_NOT_FOUND'));
    await client.told('job.failed', { id });
  });

  it('is waited for so long, and not at all by who takes it back', async () => {
    const { client } = await spoken();
    const { id } = await client.request('job.fetch', { source: nobody() });
    const late = await client.fault('job.wait', { id, until: 'known', timeoutMs: 1 });
    expect(late.data).toEqual(aFailure('WAIT_TIMEOUT'));
    const asked = client.ask('job.wait', { id, until: 'ended' });
    client.write(`{"jsonrpc":"2.0","method":"$/cancel","params":{"id":${asked}}}`);
    await expect(client.answer(asked)).rejects.toMatchObject({ fault: { code: -32800 } });
    const refused = await client.fault('job.wait', { id, until: 'published' });
    expect(refused.data).toEqual(aFailure('REFUSED'));
    const ended = client.request('job.wait', { id, until: 'ended' });
    await client.request('job.remove', { id });
    expect(await ended).toMatchObject({ id, state: 'removed' });
    expect((await client.fault('job.pause', { id })).data).toEqual(aFailure('JOB_UNKNOWN'));
    expect((await client.fault('job.get', { id: 99 })).data).toEqual(aFailure('JOB_UNKNOWN'));
  });
});

describe('a page', () => {
  it('ends sooner where the jobs are long', async () => {
    const { client, library } = await spoken();
    for (let number = 0; number < 40; number += 1) {
      library.download(`magnet:?xt=urn:btih:${'a'.repeat(40)}&x=${'y'.repeat(60_000)}`, {
        paused: true,
      });
    }
    const { jobs, next } = await client.request('job.list', { limit: 1_000 });
    expect(jobs.length).toBeLessThan(20);
    expect(next).toBe(jobs.at(-1).id);
    const rest = await client.request('job.list', { after: next, limit: 1_000 });
    expect(rest.jobs[0].id).toBe(next + 1);
  });
});

describe('a request', () => {
  it('that is none is answered by the codes of JSON-RPC', async () => {
    const { client } = await spoken();
    expect((await client.fault('job.fly')).code).toBe(-32601);
    const flawed = await client.fault('job.publish', { path: 7 });
    expect(flawed).toMatchObject({ code: -32602, message: expect.stringContaining('path') });
    expect((await client.fault('job.publish', { path: 'a', pth: 'b' })).code).toBe(-32602);
  });

  it('is not answered where nobody waits for it, and carried out all the same', async () => {
    const { client, library } = await spoken();
    const fetch = { method: 'job.fetch', params: { source: nobody(), paused: true } };
    client.write(JSON.stringify({ jsonrpc: '2.0', ...fetch }));
    client.write('{"jsonrpc":"2.0","method":"job.fly"}');
    await client.request('helper.describe');
    expect(library.jobs).toHaveLength(1);
    expect(client.messages.filter(({ id }) => id !== undefined)).toHaveLength(1);
  });

  it('of the same id as one that waits is refused', async () => {
    const { client } = await spoken();
    const { id } = await client.request('job.fetch', { source: nobody(), paused: true });
    const wait = { id: 'x', method: 'job.wait', params: { id, until: 'ended' } };
    client.write(...[wait, wait].map((each) => JSON.stringify({ jsonrpc: '2.0', ...each })));
    await client.request('helper.describe');
    const [fault] = client.messages.filter((each) => each.id === 'x');
    expect(fault?.error?.code).toBe(-32600);
  });

  it('waits with others up to a limit, beyond which nothing is read', async () => {
    const { client, connection } = await spoken();
    const { id } = await client.request('job.fetch', { source: nobody(), paused: true });
    const wait = (number: number) =>
      connection.take({
        kind: 'text',
        text: `{"jsonrpc":"2.0","id":"w${number}","method":"job.wait","params":{"id":${id},"until":"ended"}}`,
        ended: true,
      });
    for (let number = 1; number < dialectLimits.waitingRequests; number += 1) {
      await wait(number);
    }
    let hasRoom = false;
    const room = wait(dialectLimits.waitingRequests)?.then(() => {
      hasRoom = true;
    });
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(hasRoom).toBe(false);
    client.write('{"jsonrpc":"2.0","method":"$/cancel","params":{"id":"w1"}}');
    await room;
    expect(hasRoom).toBe(true);
    void wait(1);
    await client.request('job.remove', { id });
    await connection.finished();
    const answered = client.messages.filter((each) => `${each.id}`.startsWith('w'));
    expect(answered).toHaveLength(dialectLimits.waitingRequests + 1);
  });
});

describe('a flood of requests', () => {
  it('leaves the event loop to others every few milliseconds', async () => {
    const { connection, library } = await spoken();
    for (let number = 0; number < 300; number += 1) library.download(nobody(), { paused: true });
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    });
    const list = '{"jsonrpc":"2.0","id":1,"method":"job.list","params":{"limit":1000}}\n';
    for await (const line of readLines(Readable.from([Buffer.from(list.repeat(256))]))) {
      if (line.kind === 'text') await connection.take(line);
    }
    clearInterval(count);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('events', () => {
  it('are told as they were asked for: by topic, by job, by pace', async () => {
    const { client, library } = await spoken();
    const first = await client.request('events.listen', { topics: ['job.ended'], ids: [2] });
    expect(first).toEqual({ subscription: 1 });
    for (const last of ['a', 'b']) library.download(nobody(last), { paused: true });
    for (const job of library.jobs) await job.remove();
    await client.told('job.ended', { id: 2 });
    expect(client.topics()).toEqual(['helper.ready', 'job.ended']);

    await client.request('events.listen', { topics: ['helper.*'] });
    await client.request('events.stop', { subscription: 1 });
    library.send('remove:9');
    library.download(nobody(), { paused: true });
    const warned = await client.told('helper.warning');
    expect(warned.error).toEqual(aFailure('JOB_UNKNOWN'));
    expect(client.topics(3)).toEqual([]);
  });

  it('have numbers read anew only where others are asked for, so that none that waits is lost', async () => {
    const library = await helper();
    const readings = vi.spyOn(library, 'statsChanges');
    const { client } = connect(speak(library));
    const listen = (params: object) => client.request('events.listen', params);
    await listen({ topics: ['job.*'] });
    await listen({ topics: ['tracker.*'] });
    await listen({ topics: ['job.progress'], ids: [1], everyMs: 5_000 });
    await client.request('events.stop', { subscription: 3 });
    expect(readings).toHaveBeenCalledTimes(1);
    await listen({ topics: ['job.progress'], everyMs: 200 });
    expect(readings).toHaveBeenCalledTimes(2);
    const ids = [7, 8];
    for (const subscription of [1, 4]) await client.request('events.stop', { subscription });
    await listen({ topics: ['job.progress'], ids });
    await listen({ topics: ['job.progress'], ids: [8, 7] });
    expect(readings.mock.lastCall).toMatchObject([{ everyMs: 1_000, ids }]);
    const before = readings.mock.calls.length;
    await client.request('events.stop', { subscription: 5 });
    expect(readings).toHaveBeenCalledTimes(before);
  });

  it('name so many jobs a connection, and no more', async () => {
    const { client } = await spoken();
    const ids = Array.from({ length: dialectLimits.jobsPerSubscription }, (_, index) => index + 1);
    for (const subscription of [1, 2])
      expect(await client.request('events.listen', { ids })).toEqual({ subscription });
    const { data } = await client.fault('events.listen', { ids: [1] });
    expect(data).toEqual(aFailure('REFUSED'));
    await client.request('events.stop', { subscription: 1 });
    await client.request('events.listen', { ids });
  });

  it('begin for who asks for those of trackers with how these are', async () => {
    const { client, dialect } = await spoken();
    const { path } = await file(1_000);
    await client.request('events.listen', { topics: ['*'] });
    const { id } = await client.request('job.publish', { path });
    const { url } = await client.told('tracker.changed', { id, state: 'working' });
    const late = connect(dialect);
    await late.client.request('events.listen', { topics: ['tracker.*'], ids: [id] });
    expect(await late.client.told('tracker.changed', { id, url })).toMatchObject({
      state: 'working',
    });
    const other = connect(dialect);
    await other.client.request('events.listen', { topics: ['tracker.*'], ids: [id + 1] });
    await other.client.request('helper.describe');
    expect(other.client.topics()).toEqual(['helper.ready']);
    await client.request('job.remove', { id });
    await client.told('job.ended', { id });
    const none = connect(dialect);
    await none.client.request('events.listen', { topics: ['tracker.*'] });
    await none.client.request('helper.describe');
    expect(none.client.topics()).toEqual(['helper.ready']);
  });

  it('are told to each who is connected, numbered for each', async () => {
    const { client, dialect } = await spoken();
    const { id } = await client.request('job.fetch', { source: nobody(), paused: true });
    await client.told('job.state', { id });
    const other = connect(dialect, { mayControl: false, isWatcher: true });
    expect(await other.client.told('helper.ready')).toMatchObject({ nextId: 2 });
    await client.request('job.remove', { id });
    expect(await other.client.told('job.state', { id, to: 'removed' })).toMatchObject({ seq: 1 });
    expect((await client.told('job.ended', { id })).seq).toBeGreaterThan(2);
  });

  it('end with those of a helper that is told to quit, and then there are no more', async () => {
    const { client, dialect } = await spoken();
    const { id } = await client.request('job.fetch', { source: nobody(), paused: true });
    const waiting = client.ask('job.wait', { id, until: 'known' });
    expect(await client.request('helper.quit')).toEqual({});
    await dialect.finished;
    await expect(client.answer(waiting)).rejects.toMatchObject({
      fault: { data: aFailure('CLOSED') },
    });
    expect(client.topics().slice(-1)).toEqual(['job.ended']);
    expect(client.topics()).toContain('helper.stopping');
  });
});

describe('who only watches', () => {
  it('may ask and listen, and change nothing', async () => {
    const { dialect, library } = await spoken();
    const { client } = connect(dialect, { mayControl: false, isWatcher: true });
    const { capabilities } = await client.told('helper.ready');
    expect(capabilities).not.toContain('control');
    const asked: readonly (readonly [string, object])[] = [
      ['job.publish', { path: 'a' }],
      ['job.fetch', { source: 'a' }],
      ...['pause', 'resume', 'verify', 'announce', 'remove'].map(
        (name) => [`job.${name}`, { id: 1 }] as const,
      ),
      ['job.move', { id: 1, dir: 'a' }],
      ['helper.quit', {}],
    ];
    for (const [method, params] of asked) {
      expect((await client.fault(method, params)).data).toEqual(aFailure('CONTROL_DENIED'));
    }
    client.write('file:a', 'quit:');
    expect(await client.request('job.list')).toEqual({ jobs: [], next: null });
    expect(library.nextId).toBe(1);
    const denied = client.messages.filter(({ id }) => id === null);
    expect(denied.map(({ error }) => error?.data?.code)).toEqual([
      'CONTROL_DENIED',
      'CONTROL_DENIED',
    ]);
    expect((await client.request('rpc.discover')).openrpc).toMatch(/^1\./);
  });

  it('and reads nothing is cut off, and costs the others nothing', async () => {
    const { client, dialect, library } = await spoken();
    const stalled = connect(dialect, { mayControl: false, isWatcher: true, isRead: false });
    const waits = connect(dialect, { mayControl: true, isWatcher: false, isRead: false });
    const longName = 'x'.repeat(60_000);
    for (let number = 0; number < 100; number += 1) {
      library.download(`magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=${longName}`, { paused: true });
    }
    for (const { id } of library.jobs) await client.request('job.remove', { id });
    await client.told('job.ended', { id: 100 });
    for (let number = 0; number < 100; number += 1) library.send(`no instruction ${longName}`);
    await until(() => client.all('helper.warning').length === 100, 'told of all lines');
    let text = '';
    for await (const chunk of stalled.input) text += chunk;
    const last = JSON.parse(text.split('\n').at(-2) ?? '');
    expect(last).toMatchObject({ method: 'events.lost', params: { lost: expect.any(Number) } });
    // Not so a parent: what it is told waits for it.
    expect(waits.input.writableEnded).toBe(false);
  });

  it('and has gone has nothing measured and waits for nothing, whatever it had asked for last', async () => {
    const { library, dialect } = await spoken();
    const job = library.download(nobody(), { paused: true });
    const { client, connection, input } = connect(dialect, { isWatcher: true });
    await client.request('helper.stats');
    const readings = vi.spyOn(library, 'statsChanges');
    await once(input.destroy(), 'close');
    client.ask('events.listen', { topics: ['job.progress'], everyMs: 100 });
    client.ask('job.wait', { id: job.id, until: 'ended' });
    await connection.finished();
    expect(readings).not.toHaveBeenCalled();
  });

  it('and reads nothing is not waited for at the end', async () => {
    const { dialect, library } = await spoken();
    const { input } = connect(dialect, { mayControl: false, isWatcher: true, isRead: false });
    for (let number = 0; number < 60; number += 1)
      library.send(`no instruction ${'x'.repeat(9_000)}`);
    await until(() => input.writableNeedDrain, 'stalled');
    await library.close();
    await dialect.finished;
  });
});
