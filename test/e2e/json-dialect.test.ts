// The JSON dialect over stdio, between real processes.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aFailure } from '../support/dialect/dialect-client.js';
import { startJson } from '../support/dialect/json-process.js';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { MiB } from '../support/sizes.js';

describe('a helper that speaks JSON', () => {
  it('publishes, and another one fetches it, with every step told', async () => {
    const folder = await scratchFolder();
    const file = await writeRandom(join(folder, 'a b.iso'), 3 * MiB);
    const source = startJson(['--torrent-dir', folder], { cwd: folder });
    const ready = await source.client.told('helper.ready');
    expect(source.client.messages[0]?.method).toBe('helper.ready');
    expect(ready).toMatchObject({ protocol: '1.0', nextId: 1, session: null });
    expect(ready.pid).toBe(source.process.child.pid);
    expect(ready.peerPort).toBe(await source.process.peerPort());

    expect(await source.client.request('job.publish', { path: file, key: 'iso' })).toEqual({
      id: 1,
      created: true,
    });
    const published = await source.client.told('job.published', { id: 1, key: 'iso' });

    const copy = join(folder, 'copy');
    const sink = startJson(['--download-dir', copy, '--down', '2M'], { cwd: folder });
    sink.client.ask('events.listen', { everyMs: 100 });
    const { id } = await sink.client.request('job.fetch', { source: published.magnetUri });
    const job = await sink.client.request('job.wait', { id, until: 'done' });
    expect(job).toMatchObject({
      state: 'seeding',
      percent: 100,
      lengthBytes: 3 * MiB,
      files: 1,
      private: true,
      infoHash: published.infoHash,
      contentPath: join(copy, 'a b.iso'),
      error: null,
    });
    await sink.client.told('job.known', { id, file: 'a b.iso', name: 'a b.iso' });
    await sink.client.told('job.progress', { id, percent: 100, bytesDone: 3 * MiB });
    expect(await hashOf(join(copy, 'a b.iso'))).toBe(await hashOf(file));

    const topics = sink.client.topics(id);
    const inOrder = ['job.state', 'job.known', 'job.progress', 'job.done'];
    expect(topics.filter((topic, index) => topics.indexOf(topic) === index)).toEqual(inOrder);
    const onTheWay = sink.client
      .all('job.progress')
      .filter(({ percent }) => percent > 0 && percent < 100);
    expect(onTheWay.length).toBeGreaterThan(1);
    expect(
      Math.max(...onTheWay.map(({ downBytesPerSecond }) => downBytesPerSecond)),
    ).toBeGreaterThan(0);
    expect(Math.max(...onTheWay.map(({ peers }) => peers))).toBe(1);

    for (const { client, process } of [sink, source]) {
      const seqs = client.messages.flatMap(({ params }) => params?.seq ?? []);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect(await client.request('helper.quit')).toEqual({});
      await client.told('helper.stopping');
      await client.told('job.ended', { id: 1, end: 'stopped' });
      expect(await process.exit()).toBe(0);
    }
  });

  it('takes lines of the line protocol, too, and counts them', async () => {
    const folder = await scratchFolder();
    const { client, process } = startJson(['file:missing'], { cwd: folder });
    client.write('torrent:nothing.torrent', 'bogus', 'remove:77');
    expect((await client.request('job.publish', { path: 'gone' })).id).toBe(3);
    await client.told('job.failed', { id: 1 });
    const { error } = await client.told('job.failed', { id: 2 });
    expect(error).toEqual(aFailure('TORRENT_NOT_FOUND'));
    expect(error).toMatchObject({ jobId: 2 });
    await client.told('job.ended', { id: 3, end: 'failed' });
    const warnings = client.all('helper.warning').map((each) => each.error);
    expect(warnings).toEqual([aFailure('INSTRUCTION_INVALID'), aFailure('JOB_UNKNOWN')]);

    const wait = client.fault('job.wait', { id: 2, until: 'ended' });
    expect((await wait).data).toEqual(aFailure('TORRENT_NOT_FOUND'));
    client.write('quit:');
    expect(await process.exit()).toBe(3);
  });

  it('goes on with the same jobs under their keys in a later life of the session', async () => {
    const folder = await scratchFolder();
    const file = await writeRandom(join(folder, 'kept.bin'), 100_000);
    const args = ['--session', 'kept', '--state-dir', join(folder, 'state')];
    const first = startJson(args, { cwd: folder });
    await first.client.request('job.publish', { path: file, key: 'one' });
    await first.client.request('job.wait', { id: 1, until: 'published' });
    first.process.kill('SIGKILL');
    await first.process.exit();

    const second = startJson(args, { cwd: folder });
    const ready = await second.client.told('helper.ready');
    expect(ready).toMatchObject({ session: 'kept', nextId: 2 });
    expect(await second.client.told('helper.restored')).toMatchObject({ jobCount: 1, nextId: 2 });
    const topics = second.client.topics();
    expect(topics.indexOf('job.known')).toBeLessThan(topics.indexOf('helper.restored'));
    expect(await second.client.request('job.publish', { path: file, key: 'one' })).toEqual({
      id: 1,
      created: false,
    });
    const taken = await second.client.fault('job.publish', { path: folder, key: 'one' });
    expect(taken).toMatchObject({ code: -32000, data: aFailure('KEY_TAKEN') });
    expect(await second.client.request('job.get', { id: 1 })).toMatchObject({ key: 'one' });
  });

  it('carries out a last line that is whole, and says of half a line that it is none', async () => {
    const folder = await scratchFolder();
    const { client, process } = startJson([], { cwd: folder });
    client.write('{"jsonrpc":"2.0","id":"a","method":"job.li');
    process.writeRaw('{"jsonrpc":"2.0","id":"b","method":"job.list"}');
    process.closeInput();
    expect(await process.exit()).toBe(0);
    // Its ports may not have been open yet.
    expect(client.messages[0]).toMatchObject({ method: 'helper.ready' });
    const answers = client.messages.filter(({ method }) => method === undefined);
    expect(answers).toMatchObject([
      { id: null, error: { code: -32700 } },
      { id: 'b', result: { jobs: [], next: null } },
    ]);
  });

  it('takes no UTF-16, and says so', async () => {
    const folder = await scratchFolder();
    const { client, process } = startJson([], { cwd: folder });
    process.writeRaw(Buffer.from('\ufeff{"jsonrpc":"2.0"}\n', 'utf16le'));
    const { error } = await client.told('helper.warning');
    expect(error).toEqual(aFailure('INPUT_UNSUPPORTED'));
    process.closeInput();
    expect(await process.exit()).toBe(2);
  });

  it('stops when nobody reads what it says any more', async () => {
    const folder = await scratchFolder();
    const { client, process } = startJson([], { cwd: folder });
    await client.told('helper.ready');
    process.child.stdout?.destroy();
    client.ask('job.fetch', { source: 'a'.repeat(40) });
    expect(await process.exit()).toBe(4);
  });

  it('ends in time when a parent that reads nothing is told to stop by a signal', async () => {
    const folder = await scratchFolder();
    const { process } = startJson([], { cwd: folder });
    await process.diagnostic(/: ready: /);
    process.child.stdout?.pause();
    const describe = '{"jsonrpc":"2.0","id":1,"method":"helper.describe"}\n';
    process.writeRaw(describe.repeat(30_000));
    process.kill('SIGTERM');
    expect(await process.exit()).toBe(0);
  });

  it('says why it does not start where a port is taken', async () => {
    const folder = await scratchFolder();
    const first = startJson([], { cwd: folder });
    const { peerPort } = await first.client.told('helper.ready');
    const second = startJson(['--port', `${peerPort}`], { cwd: folder });
    expect(await second.process.exit()).toBe(2);
    expect(second.client.messages).toEqual([]);
    await second.process.diagnostic(/PORT_TAKEN/);
  });
});
