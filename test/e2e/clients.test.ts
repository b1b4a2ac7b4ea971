// Clients of real helpers, in processes that are killed.
import { execFileSync, spawn } from 'node:child_process';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.js';
import type { HelperClient } from '../../src/client/helper-client.js';
import { type HelperProcessOptions, startHelper } from '../../src/client/start-helper.js';
import { hashOf, writeRandom } from '../support/disks/content-files.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { command, dist, root, watch } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { withoutProxies } from '../support/processes/without-proxies.js';
import { KiB, MiB } from '../support/sizes.js';

async function startClient(cwd: string, options: HelperProcessOptions = {}): Promise<HelperClient> {
  const client = await startHelper({
    command: [process.execPath, command],
    env: withoutProxies(),
    cwd,
    trackerPort: await freePort(),
    stateDir: join(cwd, 'state'),
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

const kill = ({ facts }: HelperClient) => process.kill(facts.pid ?? 0, 'SIGKILL');

/** Until another helper has all that this one had. */
async function restarted(client: HelperClient): Promise<void> {
  for await (const { type } of client.events()) if (type === 'client.restarted') return;
}

describe('a client of a helper in a process', () => {
  it('goes on with a download in whose middle the helper was killed, and with the seed of it', async () => {
    const folder = await scratchFolder();
    const file = await writeRandom(join(folder, 'a.iso'), 2 * MiB);
    const seeder = await startClient(folder);
    const job = seeder.seed('a.iso', { key: 'iso' });
    const { torrentFile } = await job.published;

    const copies = join(folder, 'copies');
    const leecher = await startClient(folder, { downloadDir: copies, down: '1M' });
    const download = leecher.download(torrentFile);
    const percents: number[] = [];
    for await (const { percent = -1 } of download.changes({ everyMs: 100 })) {
      if (percent > 10 && !percents.some((each) => each > 10)) {
        for (const client of [seeder, leecher]) kill(client);
      }
      percents.push(percent);
    }
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(await download.done).toMatchObject({ contentPath: join(copies, 'a.iso') });
    expect(await hashOf(join(copies, 'a.iso'))).toBe(await hashOf(file));
    // What had come before is not fetched again.
    expect(download.stats.bytesDown).toBeLessThan(2 * MiB);
    expect(seeder.jobs).toEqual([job]);
  });

  it('finds its jobs again in a session, whatever happened between', async () => {
    const folder = await scratchFolder();
    await writeRandom(join(folder, 'a'), 100 * KiB);
    const first = await startClient(folder, { session: 's' });
    const job = first.seed('a', { key: 'mine' });
    await job.published;
    await job.pause();
    const again = restarted(first);
    kill(first);
    await again;
    expect(first.jobs).toEqual([job]);
    expect(job).toMatchObject({ id: 1, state: 'paused' });
    await first.close();

    const second = await startClient(folder, { session: 's' });
    expect(second.jobByKey('mine')).toMatchObject({ id: 1, state: 'paused', name: 'a' });
    const same = second.seed('a', { key: 'mine' });
    await same.resume();
    expect(same.id).toBe(1);
    expect(await same.done).toMatchObject({ name: 'a' });
    expect(second.jobs).toEqual([same]);
  });

  it('is told what was wrong with how it was started', async () => {
    const folder = await scratchFolder();
    await expect(startClient(folder, { host: 'nowhere' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
    await expect(startClient(folder, { command: ['/nonexistent'] })).rejects.toMatchObject({
      code: 'HELPER_LOST',
    });
  });

  it('waits no longer for one that never gets ready, once it is told so', async () => {
    const giveUp = new AbortController();
    const command = [process.execPath, '-e', "console.error('here'); setInterval(() => {}, 1e6)"];
    const onDiagnosticLine = () => giveUp.abort();
    const starting = startHelper({ command, onDiagnosticLine, signal: giveUp.signal });
    await expect(starting).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it.skipIf(process.platform === 'win32')('watches another one over its socket', async () => {
    const folder = await scratchFolder();
    await writeRandom(join(folder, 'a'), 100 * KiB);
    const socket = join(folder, 'socket');
    const parent = await startClient(folder, { args: ['--socket', socket] });
    const job = parent.seed('a', { key: 'first' });
    await job.published;
    const watcher = await connect(socket);
    onTestFinished(() => watcher.close());
    expect(watcher.jobByKey('first')).toMatchObject({ id: 1, percent: 100, name: 'a' });
    const told = (async () => {
      for await (const event of watcher.events()) if (event.type === 'job.ended') return event.end;
    })();
    await job.remove();
    expect(await told).toBe('removed');
    expect(watcher.jobs).toEqual([]);
    await expect(watcher.seed('b').done).rejects.toMatchObject({ code: 'CONTROL_DENIED' });
    await parent.close();
    expect(await watcher.stopped).toBeUndefined();
    await expect(connect(socket)).rejects.toMatchObject({ code: 'HELPER_LOST' });
  });

  it('publishes and downloads in an example', async () => {
    const folder = await scratchFolder();
    const file = await writeRandom(join(folder, 'a b: c.iso'), MiB);
    // As it would find the package in its node_modules.
    const home = join(folder, 'node_modules/bittorrent-helper');
    await mkdir(home, { recursive: true });
    await copyFile(join(root, 'package.json'), join(home, 'package.json'));
    execFileSync('ln', ['-s', dist, join(home, 'dist')]);
    await copyFile(join(root, 'examples/client.mjs'), join(folder, 'client.mjs'));
    const user = watch(
      spawn(process.execPath, ['client.mjs', file, 'copy'], { cwd: folder, env: withoutProxies() }),
    );
    expect(await user.exit()).toBe(0);
    expect(user.stdout[0]).toMatch(/^published: magnet:/);
    expect(user.stdout.at(-2)).toMatch(/^100 %, [\d.]+ MiB\/s, \d peers, /);
    expect(user.stdout.at(-1)).toMatch(/^downloaded: \S.*a b: c\.iso, 1048576 bytes$/);
    expect(await hashOf(join(folder, 'copy/a b: c.iso'))).toBe(await hashOf(file));
  });
});
