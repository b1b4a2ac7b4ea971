// A helper that others watch over its socket, whatever they do.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { watcherLimits } from '../../src/limits.js';
import { aFailure, DialectClient } from '../support/dialect/dialect-client.js';
import { startJson } from '../support/dialect/json-process.js';
import { writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { eachLine } from '../support/processes/child-lines.js';
import { until } from '../support/waiting.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await scratchFolder();
  path = join(folder, 'h.sock');
});

function watcher(): { client: DialectClient; socket: Socket } {
  const socket = connect({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const client = new DialectClient((lines) => socket.write(lines));
  eachLine(socket, (line) => client.take(line));
  return { client, socket };
}

const closed = (socket: Socket) =>
  until(() => socket.destroyed || socket.readableEnded, 'hung up on');

describe('a helper with a socket', () => {
  it('is watched beside its lines, and cannot be told anything', async () => {
    const file = await writeRandom(join(folder, 'a.bin'), 50_000);
    const helper = start(['--no-dht', '--socket', path], { cwd: folder });
    await helper.diagnostic(/: ready: /);
    const { client } = watcher();
    expect(await client.told('helper.ready')).toMatchObject({ pid: helper.child.pid });
    helper.write(`file:${file}`);
    await client.told('job.published', { id: 1 });
    expect(await client.request('job.get', { id: 1 })).toMatchObject({ file, state: 'seeding' });
    expect((await client.fault('job.remove', { id: 1 })).data).toEqual(aFailure('CONTROL_DENIED'));
    await helper.line(`1:${file}:100`);
    expect(helper.stdout).toEqual([`1:${file}:-1`, `1:${file}:100`]);
    helper.write('quit:');
    await client.told('job.ended', { id: 1 });
    expect(await helper.exit()).toBe(0);
  });

  it('is controlled over it where that is allowed', async () => {
    const helper = start(['--no-dht', '--socket', path, '--socket-control'], { cwd: folder });
    await helper.diagnostic(/: ready: /);
    const { client } = watcher();
    expect((await client.told('helper.ready')).capabilities).toContain('control');
    await client.request('job.publish', { path: 'nothing' });
    await client.told('job.failed', { id: 1 });
    await client.request('helper.quit', { deadlineMs: 2_000 });
    expect(await helper.exit()).toBe(3);
  });

  it('answers who has said all before it hangs up', async () => {
    const { client: parent } = startJson(['--socket', path], { cwd: folder });
    await parent.told('helper.ready');
    const { id } = await parent.request('job.fetch', { source: 'a'.repeat(40), paused: true });
    const { client, socket } = watcher();
    const wait = client.request('job.wait', { id, until: 'ended' });
    socket.end();
    await parent.request('job.remove', { id });
    expect(await wait).toMatchObject({ id, state: 'removed' });
    await closed(socket);
  });

  it('lets so many watch, and tells the next one so', async () => {
    const { client: parent, process } = startJson(['--socket', path], { cwd: folder });
    await parent.told('helper.ready');
    const watchers = Array.from({ length: watcherLimits.connections }, watcher);
    for (const { client } of watchers) await client.told('helper.ready');
    const { client, socket } = watcher();
    await closed(socket);
    expect(client.messages).toMatchObject([{ id: null, error: { data: { code: 'REFUSED' } } }]);
    watchers[0]?.socket.destroy();
    await until(async () => {
      const next = watcher();
      await until(() => next.client.messages.length > 0, 'answered');
      next.socket.destroy();
      return next.client.messages[0]?.method === 'helper.ready';
    }, 'let in');
    await parent.request('helper.quit');
    expect(await process.exit()).toBe(0);
  });

  it('goes on, and ends in time, with watchers that read nothing or write anything', async () => {
    const { client: parent, process } = startJson(['--socket', path], { cwd: folder });
    await parent.told('helper.ready');
    const stalled = connect(path);
    stalled.pause();
    stalled.on('error', () => {});
    const asking = connect(path);
    asking.pause();
    asking.on('error', () => {});
    for (let id = 0; id < 20_000; id += 1) {
      asking.write(`{"jsonrpc":"2.0","id":${id},"method":"helper.describe"}\n`);
    }
    const noise = connect(path);
    noise.on('error', () => {});
    noise.resume();
    noise.write(Buffer.alloc(3_000_000, '{'));
    noise.write(
      `\n{"jsonrpc":"2.0","id":1,"method":"job.get","params":{"id":\n${'{}\n'.repeat(1_000)}`,
    );
    const halfLine = connect(path);
    halfLine.on('error', () => {});
    halfLine.write('{"jsonrpc":"2.0","id":1,');
    onTestFinished(() => {
      for (const socket of [stalled, asking, noise, halfLine]) socket.destroy();
    });
    const { id } = await parent.request('job.fetch', { source: 'b'.repeat(40), paused: true });
    for (let number = 0; number < 100; number += 1) await parent.request('job.get', { id });
    await parent.request('helper.quit');
    expect(await process.exit()).toBe(4);
  });

  it('starts only where nobody listens, and nobody else could', async () => {
    const { client, process } = startJson(['--socket', path], { cwd: folder });
    await client.told('helper.ready');
    const second = start(['--no-dht', '--socket', path], { cwd: folder });
    expect(await second.exit()).toBe(2);
    await second.diagnostic(/SOCKET_BUSY: --socket .*h\.sock/);
    process.kill('SIGKILL');
    await process.exit();
    const third = startJson(['--socket', path], { cwd: folder });
    await third.client.told('helper.ready');
    await watcher().client.told('helper.ready');
    third.process.kill('SIGTERM');
    expect(await third.process.exit()).toBe(0);
    const open = start(['--no-dht', '--socket', '/tmp/h.sock'], { cwd: folder });
    expect(await open.exit()).toBe(2);
    await open.diagnostic(/SOCKET_UNUSABLE/);
  });
});

describe('whoever watches', () => {
  it('stops when told to, though what listens there says nothing', async () => {
    const silent = createServer();
    onTestFinished(() => void silent.close());
    silent.listen(path);
    const watching = start(['watch', path], { cwd: folder });
    const [socket]: Socket[] = await once(silent, 'connection');
    onTestFinished(() => void socket?.destroy());
    watching.kill('SIGINT');
    expect(await watching.exit()).toBe(0);
  });
});
