// A client whose helper dies.
import { describe, expect, it } from 'vitest';
import { newJob } from '../../support/clients/scripted-helper.mjs';
import { scriptedClient } from '../../support/clients/scripted-source.js';

describe('a client whose helper dies', () => {
  it('gives the jobs that have not ended to the next one, under their keys', async () => {
    const { client, lives } = await scriptedClient();
    const seed = client.seed('/srv/a');
    const download = client.download('http://a/wait', { key: 'mine' });
    const removed = client.seed('/srv/b');
    const failed = client.download('http://a/fail');
    await Promise.all([seed.done, removed.remove(), failed.done.catch(() => {})]);
    const events = client.events();
    lives[0]?.die();
    const types: string[] = [];
    for await (const { type } of events) {
      types.push(type);
      if (type === 'client.restarted') break;
    }
    expect(types[0]).toBe('client.lost');
    expect(lives[1]?.params('job.publish')).toEqual([{ path: '/srv/a', key: seed.key }]);
    expect(lives[1]?.params('job.fetch')).toMatchObject([{ source: 'http://a/wait', key: 'mine' }]);
    expect(client.jobs).toEqual([seed, download]);
    expect(download.id).toBe(2);
    await client.request('test.complete', { id: 2 });
    expect(await download.done).toMatchObject({ contentPath: '/content/wait' });
  });

  it('gives it what had not been answered, and what comes while there is none', async () => {
    const { client, lives } = await scriptedClient();
    await client.request('helper.stats');
    lives[0]?.die();
    const during = client.seed('/srv/during');
    const pausing = client.download('http://a/wait');
    const pause = pausing.pause();
    await during.done;
    await pause;
    expect(pausing.state).toBe('paused');
    expect(lives).toHaveLength(2);
  });

  it('has it begin where the job had come to: paused, and moved', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait', { dir: '/first' });
    const seed = client.seed('/srv/a');
    await job.move('/second');
    await seed.move('/third');
    await Promise.all([job.pause(), seed.pause()]);
    lives[0]?.die();
    await expect.poll(() => lives[1]?.sent).toContain('job.pause');
    await client.request('helper.stats');
    expect(lives[1]?.params('job.fetch')).toMatchObject([{ dir: '/second', paused: true }]);
    expect(lives[1]?.params('job.publish')).toMatchObject([{ path: '/third/a' }]);
    expect(seed.state).toBe('paused');
  });

  it('asks a session for the same as before, and finds its jobs there', async () => {
    let before: readonly Record<string, unknown>[] = [];
    const { client, lives } = await scriptedClient({ session: 's', jobs: () => before });
    const job = client.download('http://a/wait', { key: 'k', dir: '/first' });
    await job.move('/second');
    await job.pause();
    before = lives[0]?.helper.jobs.map((each) => ({ ...each })) ?? [];
    lives[0]?.die();
    await expect.poll(() => lives[1]?.sent).toContain('job.list');
    expect(lives[1]?.params('job.fetch')).toEqual([
      { source: 'http://a/wait', key: 'k', dir: '/first' },
    ]);
    expect(client.jobs).toEqual([job]);
    expect(job).toMatchObject({ id: 1, state: 'paused' });
  });

  it('carries out a command over which it died', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait');
    await client.request('helper.stats');
    const asked = client.request('test.exit', { code: 1 });
    const pause = job.pause();
    await expect(asked).rejects.toMatchObject({ code: 'HELPER_LOST' });
    await pause;
    expect(lives[1]?.sent).toContain('job.pause');
  });

  it('goes on telling numbers, and no percent twice', async () => {
    const { client, lives } = await scriptedClient();
    const job = client.download('http://a/wait');
    const reader = job.changes({ everyMs: 100 })[Symbol.asyncIterator]();
    const next = async (wanted: number) => {
      for (;;) {
        const { value, done } = await reader.next();
        if (done || value.percent === wanted) return value?.percent;
        expect(value.percent ?? -2).toBeLessThan(wanted);
      }
    };
    await client.request('helper.stats');
    await expect.poll(() => lives[0]?.params('events.listen')).toHaveLength(2);
    await client.request('test.measure', { id: 1, percent: 40 });
    expect(await next(40)).toBe(40);
    lives[0]?.die();
    await expect.poll(() => lives[1]?.params('events.listen')).toHaveLength(2);
    await client.request('test.measure', { id: 1, percent: 20 });
    await client.request('test.measure', { id: 1, percent: 60 });
    expect(await next(60)).toBe(60);
  });

  it('gives up after so many in a row, and says why', async () => {
    const { client, lives } = await scriptedClient({ maxRestarts: 2, begins: (life) => life < 1 });
    const job = client.download('http://a/wait');
    await client.request('helper.stats');
    lives[0]?.die();
    await expect(job.done).rejects.toMatchObject({ code: 'HELPER_LOST' });
    expect(await client.stopped).toMatchObject({ code: 'HELPER_LOST' });
    expect(() => client.seed('/srv/a')).toThrow(/it does not begin/);
  });

  it('can be closed while there is none', async () => {
    const { client, lives } = await scriptedClient({ begins: (life) => life < 1 });
    const job = client.seed('/srv/wait');
    const events = client.events();
    lives[0]?.die();
    for await (const { type } of events) if (type === 'client.lost') break;
    const stats = client.stats();
    await client.close();
    await expect(stats).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(job.done).rejects.toMatchObject({ code: 'CLOSED' });
    expect(lives).toHaveLength(1);
  });

  it('can be closed while the next one says nothing', async () => {
    const { client, lives } = await scriptedClient({ hangs: (life) => life === 1 });
    lives[0]?.die();
    await expect.poll(() => lives).toHaveLength(2);
    await client.close();
    expect(await client.stopped).toBeUndefined();
    expect(lives[1]?.sent).toEqual(['helper.quit']);
  });

  it('lets one go that was told to stop, by whomever', async () => {
    const { client, lives } = await scriptedClient();
    lives[0]?.helper.hear('{"id":"x","method":"helper.quit"}');
    expect(await client.stopped).toBeUndefined();
    expect(lives).toHaveLength(1);
  });

  it('takes no job of the next one for one of before that had its id', async () => {
    const of = (file: string, infoHash: string) => ({
      ...newJob(1, 'seed', file, null),
      ...{ state: 'seeding', infoHash, percent: 100, doneMs: 1 },
    });
    const { client, lives } = await scriptedClient({
      isShared: true,
      jobs: (life) => [life === 0 ? of('/srv/a', 'a'.repeat(40)) : of('/srv/b', 'b'.repeat(40))],
    });
    const before = client.job(1);
    lives[0]?.die();
    await expect.poll(() => client.job(1)?.file).toBe('/srv/b');
    expect(client.job(1)).not.toBe(before);
    expect(before).toMatchObject({ file: '/srv/a', infoHash: 'a'.repeat(40) });
    expect(client.jobs).toHaveLength(1);
  });

  it('ends what others had asked for and nobody asks for again', async () => {
    const { client, lives } = await scriptedClient();
    lives[0]?.helper.hear('{"id":"x","method":"job.fetch","params":{"source":"http://a/wait"}}');
    await expect.poll(() => client.jobs).toHaveLength(1);
    const [job] = client.jobs;
    lives[0]?.die();
    await expect(job?.done).rejects.toMatchObject({ code: 'HELPER_LOST' });
  });
});
