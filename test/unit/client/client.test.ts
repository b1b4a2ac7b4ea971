// A client and its helper, while nobody dies.
import { describe, expect, it } from 'vitest';
import { newJob } from '../../support/clients/scripted-helper.mjs';
import { scriptedClient } from '../../support/clients/scripted-source.js';

describe('a client', () => {
  it('publishes a file, and has the shape of the library', async () => {
    const { client } = await scriptedClient();
    const job = client.seed('/srv/a.iso');
    const torrentFile = '/torrents/a.iso.torrent';
    expect(await job.published).toMatchObject({ torrentFile });
    expect(await job.done).toMatchObject({ torrentFile, contentPath: '/content/a.iso' });
    expect(job).toMatchObject({
      id: 1,
      kind: 'seed',
      state: 'seeding',
      percent: 100,
      fileCount: 1,
    });
    expect(client.jobs).toEqual([job]);
    expect(client.job(1)).toBe(job);
    expect(client.jobByKey(job.key ?? '')).toBe(job);
    expect(client.facts.peerPort).toBe(50_211);
    expect((await client.describe()).nextId).toBe(2);
  });

  it('tells percents that rise, from the metainfo to the end', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait', { paused: true });
    const reader = job.changes();
    const percents: (number | undefined)[] = [];
    const read = (async () => {
      for await (const { type, percent } of reader) if (type === 'progress') percents.push(percent);
    })();
    await expect.poll(() => lives[0]?.params('events.listen')).toHaveLength(2);
    await job.resume();
    await job.done;
    await read;
    expect(percents).toEqual([-1, 50, 100]);
  });

  it('asks for numbers only while somebody reads them', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait');
    await client.request('helper.stats');
    expect(lives[0]?.params('events.listen')).toHaveLength(1);
    const reader = job.statsChanges({ everyMs: 100 })[Symbol.asyncIterator]();
    const read = reader.next();
    await expect.poll(() => lives[0]?.params('events.listen')).toHaveLength(2);
    expect(lives[0]?.params('events.listen')[1]).toEqual({
      topics: ['job.progress'],
      everyMs: 100,
      ids: [1],
    });
    await client.request('test.measure', { id: 1, percent: 30 });
    expect(await read).toMatchObject({
      value: { id: 1, percent: 30, bytesTotal: 1_000, peers: 1 },
    });
    expect(job.stats).toMatchObject({ bytesDone: 300, etaSeconds: 5 });
    await reader.return?.();
    await expect.poll(() => lives[0]?.params('events.stop')).toEqual([{ subscription: 2 }]);
  });

  it('asks for no numbers of a job that is over, though its changes are not read yet', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait');
    await client.request('helper.stats');
    const changes = job.changes({ until: 'end' });
    await expect.poll(() => lives[0]?.params('events.listen')).toHaveLength(2);
    await job.remove();
    await expect.poll(() => lives[0]?.params('events.stop')).toEqual([{ subscription: 2 }]);
    const states: unknown[] = [];
    for await (const { state } of changes) states.push(state);
    expect(states.at(-1)).toBe('removed');
  });

  it('asks once for many that are read, and ends a reading with its job', async () => {
    const { client, lives } = await scriptedClient();
    const jobs = Array.from({ length: 150 }, (_, index) =>
      client.download(`http://a/wait${index}`),
    );
    const readings = jobs.map(async (job) => {
      const seen: unknown[] = [];
      for await (const { percent } of job.statsChanges({ everyMs: 100 })) seen.push(percent);
      return seen;
    });
    await client.request('helper.stats');
    await expect
      .poll(() => lives[0]?.params('events.listen').at(-1))
      .toEqual({
        topics: ['job.progress'],
        everyMs: 100,
      });
    expect(lives[0]?.params('events.listen').length).toBeLessThan(10);
    await client.request('test.measure', { id: 7, percent: 20 });
    await Promise.all(jobs.map((job) => job.remove()));
    const seen = await Promise.all(readings);
    expect(seen[6]).toEqual([20]);
    expect(seen.flat()).toHaveLength(1);
  });

  it('rejects with the error of the helper, by its code', async () => {
    const { client } = await scriptedClient();
    const failing = client.download('http://a/fail');
    await expect(failing.done).rejects.toMatchObject({ code: 'HTTP_STATUS' });
    expect(failing).toMatchObject({ state: 'failed', error: { code: 'HTTP_STATUS' } });
    const refused = client.download('refuse');
    await expect(refused.done).rejects.toMatchObject({ code: 'INSTRUCTION_INVALID' });
    const job = client.seed('/srv/a');
    await expect(job.announce()).rejects.toMatchObject({ code: 'TRACKER_UNREACHABLE' });
    await expect(client.request('job.dance')).rejects.toMatchObject({ code: 'PARAMS_INVALID' });
    await expect(client.download('http://a/b').published).rejects.toMatchObject({
      code: 'REFUSED',
    });
    expect(client.jobs).toHaveLength(2);
  });

  it('carries out what a job is told', async () => {
    const { client } = await scriptedClient();
    const job = client.download('http://a/wait');
    await job.pause();
    expect(job.state).toBe('paused');
    await job.resume();
    await job.move('/elsewhere');
    expect(job.contentPath).toBe('/elsewhere/wait');
    await job.verify();
    await job.remove({ data: true });
    expect(job.state).toBe('removed');
    expect(client.jobs).toEqual([]);
    await expect(job.pause()).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
    expect(() => client.seed('')).toThrow(/empty/);
  });

  it('gives the same job for the same key and request, and refuses another request', async () => {
    const { client } = await scriptedClient();
    const job = client.seed('/srv/a', { key: 'a' });
    expect(client.seed('/srv/a', { key: 'a' })).toBe(job);
    expect(() => client.seed('/srv/b', { key: 'a' })).toThrow(
      expect.objectContaining({ code: 'KEY_TAKEN' }),
    );
    expect(() => client.seed('/srv/b', { key: '' })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
    await job.remove();
    expect(client.seed('/srv/b', { key: 'a' })).not.toBe(job);
  });

  it('hands over the bytes of a torrent', async () => {
    const { client, lives } = await scriptedClient();
    await client.download({ metainfo: Buffer.from('d4:infoe') }, { dir: '/d' }).done;
    expect(lives[0]?.params('job.fetch')).toMatchObject([{ metainfo: 'ZDQ6aW5mb2U=', dir: '/d' }]);
  });

  it('tells every event, in order', async () => {
    const { client } = await scriptedClient();
    const events = client.events();
    const { key } = client.seed('/srv/a');
    const types: string[] = [];
    for await (const event of events) {
      types.push(event.type);
      if (!('id' in event)) continue;
      expect(event).toMatchObject({ id: 1, key });
      if (event.type === 'job.published') break;
    }
    expect(types).toEqual(['job.state', 'job.known', 'job.state', 'job.state', 'job.published']);
  });

  it('sums up, and takes a job back when its signal aborts', async () => {
    const { client } = await scriptedClient();
    const signal = AbortSignal.abort();
    const job = client.seed('/srv/wait', { signal });
    await expect(job.done).rejects.toMatchObject({ code: 'REMOVED' });
    expect(await client.stats()).toMatchObject({ bytesDone: 7, peers: 3 });
  });

  it('takes a request back when its signal aborts', async () => {
    const { client, lives } = await scriptedClient();
    client.download('http://a/wait');
    const giveUp = new AbortController();
    const waiting = client.request('job.wait', { id: 1, until: 'done' }, { signal: giveUp.signal });
    await expect.poll(() => lives[0]?.sent).toContain('job.wait');
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect.poll(() => lives[0]?.sent.at(-1)).toBe('$/cancel');
  });

  it('knows the jobs that others have asked for, before and after it came', async () => {
    const jobs = Array.from({ length: 2_500 }, (_, index) => ({
      ...newJob(index + 1, 'seed', `/srv/${index}`, index === 0 ? 'first' : null),
      state: 'seeding',
      infoHash: 'a'.repeat(40),
      percent: 100,
      doneMs: 1,
    }));
    const { client, lives } = await scriptedClient({ isShared: true, jobs: () => jobs });
    expect(client.jobs).toHaveLength(2_500);
    expect(client.jobByKey('first')).toMatchObject({ id: 1, file: '/srv/0', percent: 100 });
    lives[0]?.helper.hear('{"id":"x","method":"job.publish","params":{"path":"/srv/new"}}');
    await expect.poll(() => client.job(2_501)).toMatchObject({ file: '/srv/new', kind: 'seed' });
    const mine = client.seed('/srv/0', { key: 'first' });
    await mine.done;
    expect(mine.id).toBe(1);
  });

  it('tells once of a job of somebody else that fails at once, and keeps none that is over', async () => {
    const { client, lives } = await scriptedClient({ isShared: true });
    const percents: unknown[] = [];
    void (async () => {
      for await (const { type, id, percent } of client.changes())
        if (type === 'progress' && id === 1) percents.push(percent);
    })();
    const hear = (message: object) => lives[0]?.helper.hear(JSON.stringify(message));
    hear({ id: 'x', method: 'job.fetch', params: { source: 'http://a/fail' } });
    hear({ id: 'y', method: 'job.fetch', params: { source: 'http://a/file', key: 'theirs' } });
    hear({ id: 'z', method: 'test.release', params: { id: 2 } });
    await expect.poll(() => percents).not.toEqual([]);
    await client.request('helper.stats');
    expect(percents).toEqual([-2]);
    expect(client.jobs).toEqual([]);
  });

  it('takes what comes late of a job for that of no other, be it of the same key', async () => {
    const { client } = await scriptedClient();
    const first = client.seed('/srv/a', { key: 'k' });
    await first.remove();
    const second = client.download('http://a/wait', { key: 'k' });
    const of = { id: 1, key: 'k' };
    await client.request('test.tell', {
      told: [
        { method: 'job.progress', ...of, percent: 30 },
        { method: 'job.state', ...of, from: 'seeding', to: 'removed' },
        { method: 'job.ended', ...of, end: 'removed' },
      ],
    });
    await second.verify();
    expect(client.jobs).toEqual([second]);
    expect(second).toMatchObject({ id: 2, state: 'downloading', percent: undefined });
  });

  it('rejects all that was promised when it is closed, and takes nothing more', async () => {
    const { client } = await scriptedClient();
    const job = client.download('http://a/wait');
    await client.request('helper.stats');
    await client.close();
    await expect(job.done).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => client.seed('/srv/a')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
    await expect(client.stats()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await client.stopped).toBeUndefined();
    for await (const _ of client.events()) expect.unreachable();
  });

  it('rejects when its signal aborts, though its helper says nothing', async () => {
    const giveUp = new AbortController();
    const client = scriptedClient({ hangs: () => true, signal: giveUp.signal });
    setImmediate(() => giveUp.abort('enough'));
    await expect(client).rejects.toMatchObject({ code: 'CLOSED', cause: 'enough' });
  });

  it('does not speak to a helper of another major version', async () => {
    await expect(scriptedClient({ version: '2.0' })).rejects.toThrow(/version 2\.0/);
  });
});
