import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { download, engine, sample, seed } from '../../support/engine/engine-setup.js';
import { expectContent } from '../../support/torrents/sample-on-disk.js';

describe('two engines', () => {
  test('transfer a single file', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const got = await download(to, content, [from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
    expect(got.events.map(({ type }) => type)).toEqual([
      'swarm.joined',
      'swarm.checked',
      ...Array.from({ length: content.metainfo.pieceCount }, () => 'piece.verified'),
      'swarm.completed',
    ]);
    expect(got.events.at(-2)).toMatchObject({ verifiedBytes: content.bytes.length });
  });

  test('transfer a folder', async () => {
    const content = await sample({ files: [100_000, 1, 70_000, 200_000] });
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const got = await download(to, content, [from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  });

  test('transfer 64 MiB', async () => {
    const content = await sample({ lengthBytes: 64 * 2 ** 20, pieceLengthBytes: 2 ** 18 });
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const got = await download(to, content, [from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  }, 30_000);

  test('transfer within rate limits', async () => {
    const content = await sample({ lengthBytes: 100_000 });
    const from = await engine({ upBytesPerSecond: 400_000 });
    const to = await engine({ downBytesPerSecond: 400_000 });
    seed(from, content);
    const got = await download(to, content, [from]);
    await got.until('swarm.completed');
    await expectContent(content, got.contentPath);
  });

  test('transfer a public torrent, too', async () => {
    const content = await sample({ isPrivate: false });
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    await (await download(to, content, [from])).until('swarm.completed');
  });
});

describe('a download', () => {
  test('adopts what lies there, and fetches the rest', async () => {
    const content = await sample({ lengthBytes: 10 * 32_768 });
    const contentPath = join(await scratchFolder(), content.metainfo.name);
    const half = Buffer.from(content.bytes);
    half.fill(0, 5 * 32_768);
    await mkdir(dirname(contentPath), { recursive: true });
    await writeFile(contentPath, half);
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const got = await download(to, content, [from], { contentPath });
    expect(await got.until('swarm.checked')).toMatchObject({ verifiedBytes: 5 * 32_768 });
    await got.until('swarm.completed');
    expect(got.events.filter(({ type }) => type === 'piece.verified')).toHaveLength(5);
    await expectContent(content, contentPath);
  });

  test('is complete at once where everything lies there', async () => {
    const content = await sample();
    const { contentPath } = content;
    const got = await download(await engine(), content, [], { contentPath });
    await got.until('swarm.completed');
    expect(got.events.map(({ type }) => type)).toEqual([
      'swarm.joined',
      'swarm.checked',
      'swarm.completed',
    ]);
  });

  test('goes on after a pause with what it had', async () => {
    const content = await sample({ lengthBytes: 2 ** 20 });
    const from = await engine({ upBytesPerSecond: 500_000 });
    const to = await engine();
    const quick = await engine();
    seed(from, content);
    seed(quick, content);
    const first = await download(to, content, [from]);
    await first.until('piece.verified');
    await first.swarm.leave();
    const count = first.events.length;
    const { contentPath } = first;
    const second = await download(to, content, [quick], { contentPath });
    const { verifiedBytes } = await second.until('swarm.checked');
    expect(verifiedBytes).toBeGreaterThan(0);
    await second.until('swarm.completed');
    expect(first.events).toHaveLength(count);
    await expectContent(content, contentPath);
  });

  test('ends with a storage error where it cannot be written, and can be tried again elsewhere', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const contentPath = join(content.contentPath, 'below a file');
    const obstructed = await download(to, content, [from], { contentPath });
    await expect(obstructed.until('swarm.completed')).rejects.toMatchObject({ code: 'DISK_GONE' });
    await (await download(to, content, [from])).until('swarm.completed');
    expect(obstructed.events.at(-1)).toMatchObject({ type: 'storage.error' });
  });

  test('is shared among leechers that have different pieces', async () => {
    const content = await sample({ lengthBytes: 2 ** 20 });
    const engines = [await engine(), await engine(), await engine(), await engine()] as const;
    seed(engines[0], content);
    const [first, second, third] = [
      await download(engines[1], content, engines.slice(0, 1)),
      await download(engines[2], content, engines.slice(0, 2)),
      await download(engines[3], content, engines.slice(1, 3)),
    ];
    await Promise.all([first, second, third].map((got) => got.until('swarm.completed')));
    await expectContent(content, third.contentPath);
  });

  test('may be left and joined again without a wait, over and over', async () => {
    const content = await sample();
    const [from, to] = [await engine(), await engine()];
    seed(from, content);
    const { contentPath, swarm } = await download(to, content, []);
    void swarm.leave();
    for (let round = 0; round < 3; round++) {
      void (await download(to, content, [], { contentPath })).swarm.leave();
    }
    await (await download(to, content, [from], { contentPath })).until('swarm.completed');
  });

  test('that fails leaves all others alone', async () => {
    const [doomed, content] = [await sample(), await sample()];
    const [from, to] = [await engine(), await engine()];
    for (const each of [doomed, content]) seed(from, each);
    const file = join(await scratchFolder(), 'a file');
    await writeFile(file, '');
    const failed = await download(to, doomed, [from], { contentPath: join(file, 'below') });
    const got = await download(to, content, [from]);
    await expect(failed.until('swarm.completed')).rejects.toBeDefined();
    await got.until('swarm.completed');
    expect(got.events.map(({ type }) => type)).not.toContain('swarm.failed');
  });
});

describe('the peer port', () => {
  test('cannot be one that is taken', async () => {
    const { peerPort } = await engine();
    await expect(engine({ port: peerPort })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(String(peerPort)),
    });
  });

  test('cannot be on an address of another machine', async () => {
    await expect(engine({ listen: '192.0.2.1' })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });

  test('listens on the given address only', async () => {
    const { peerPort } = await engine({ listen: '127.0.0.2' });
    const outcome = await new Promise((resolve) => {
      const socket = connect(peerPort, '127.0.0.1');
      socket.on('connect', () => resolve('open')).on('error', () => resolve('shut'));
    });
    expect(outcome).toBe('shut');
  });
});

describe('an engine that is closed', () => {
  test('is closed soon, in the middle of transfers', async () => {
    const content = await sample({ lengthBytes: 2 ** 20 });
    const [from, to] = [await engine({ upBytesPerSecond: 200_000 }), await engine()];
    seed(from, content);
    await (await download(to, content, [from])).until('piece.verified');
    await Promise.all([from.close(), to.close()]);
    const outcome = await new Promise((resolve) => {
      const socket = connect(from.peerPort, '127.0.0.1');
      socket.on('connect', () => resolve('open')).on('error', () => resolve('shut'));
    });
    expect(outcome).toBe('shut');
  });

  test('joins nothing any more', async () => {
    const content = await sample();
    const closed = await engine();
    await closed.close();
    await expect(seed(closed, content).until('swarm.joined')).rejects.toMatchObject({
      code: 'CLOSED',
    });
  });
});
