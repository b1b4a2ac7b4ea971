// Valid torrents of more pieces than fit into memory together. Node is given little of it here, so that they need not be huge.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { beforeEach, expect, it } from 'vitest';
import { writeRandom } from '../support/disks/content-files.js';
import { useScratchFolder } from '../support/disks/scratch-folder.js';
import { start } from '../support/helper/helper-process.js';
import { freePort } from '../support/processes/free-port.js';
import { torrentOf } from '../support/torrents/handmade-torrent.js';
import { until } from '../support/waiting.js';
import { serve } from '../support/web/web-server.js';

const little = { NODE_OPTIONS: '--max-old-space-size=64' };
const at = useScratchFolder();

beforeEach(async () => {
  await mkdir(at('in'));
  await writeRandom(at('in/small.bin'), 100_000);
});

async function torrent(name: string, pieces: number): Promise<string> {
  const info = {
    ...{ length: pieces * 1_024, name, 'piece length': 1_024 },
    pieces: randomBytes(20 * pieces),
  };
  await writeFile(at(`${name}.torrent`), torrentOf(info, 'http://127.0.0.1:1/announce'));
  return `torrent:${at(`${name}.torrent`)}`;
}

async function startWithLittleMemory() {
  const args = ['--no-dht', '--tracker-port', `${await freePort()}`];
  const session = ['--session', 'huge', '--state-dir', at('state')];
  return start([...args, ...session], { cwd: at('in'), env: little });
}

it('wait their turn, are paused, removed and brought back as any other, and cost no other job its 100', async () => {
  const helper = await startWithLittleMemory();
  helper.write(await torrent('a', 200_000));
  await helper.line('1:a:0');
  helper.write(await torrent('b', 200_000));
  await helper.diagnostic(/: job 2 \(b\): warning: WAITING_FOR_MEMORY: /);
  helper.write(await torrent('c', 200_000));
  await helper.diagnostic(/: job 3 \(c\): warning: WAITING_FOR_MEMORY: /);
  helper.write('file:small.bin');
  await helper.line('4:small.bin:100');

  helper.write('pause:2', 'remove:1');
  await helper.line('3:c:0');
  helper.write('resume:2', 'list:', 'remove:3');
  await helper.line('2:b:0');
  await helper.line('3:c:0', helper.stdout.indexOf('3:c:0') + 1);
  helper.write(await torrent('d', 200_000));
  await helper.diagnostic(/: job 5 \(d\): warning: WAITING_FOR_MEMORY: /);
  helper.kill('SIGTERM');
  expect(await helper.exit(8_000)).toBe(4);

  const again = await startWithLittleMemory();
  await again.line('4:small.bin:100');
  await again.diagnostic(/: job [25] \([bd]\): warning: WAITING_FOR_MEMORY: /);
  again.write('remove:2');
  await again.line('5:d:0');
  for (const { stderr } of [helper, again]) {
    expect(stderr.filter((line) => line.includes('the engine stopped'))).toEqual([]);
  }
}, 40_000);

it('are refused for good if they never fit, and the helper goes on', async () => {
  const helper = await startWithLittleMemory();
  helper.write(await torrent('a', 600_000), 'file:small.bin');
  await helper.diagnostic(/: job 1 \(a\): failed: TORRENT_TOO_LARGE: /);
  await until(() => helper.stdout.includes('1:a:-2'), 'told as failed');
  await helper.line('2:small.bin:100');
}, 30_000);

/** Twenty thousand files, each in six folders: a megabyte that is six in memory, and thirty while it is parsed. */
async function deepTorrents(count: number): Promise<readonly string[]> {
  const files = Array.from({ length: 20_000 }, (_, index) => ({
    length: 1_024,
    path: ['aa', 'bb', 'cc', 'dd', 'ee', 'ff', index.toString(36)],
  }));
  const info = { files, 'piece length': 2 ** 20, pieces: randomBytes(20 * 20) };
  const first = torrentOf({ ...info, name: 'deep10' }, 'http://127.0.0.1:1/announce');
  const text = first.toString('latin1');
  const names = Array.from({ length: count }, (_, index) => `deep${10 + index}`);
  for (const name of names) {
    await writeFile(at(`${name}.torrent`), text.replace(':deep10', `:${name}`), 'latin1');
  }
  return names;
}

it('do not fill the helper’s own memory, from files or from a server, and come one after the other', async () => {
  const names = await deepTorrents(40);
  const origin = await serve(async ({ url }, response) => {
    response.end(await readFile(at(`.${url}`)));
  });
  const helper = await startWithLittleMemory();
  names.forEach((name, index) => {
    const path = `/${name}.torrent`;
    helper.write(`torrent:${index % 2 === 0 ? at(`.${path}`) : origin + path}`);
  });
  helper.write('file:small.bin');
  await helper.line('41:small.bin:100');
  const known = () => helper.stdout.filter((line) => /^\d+:deep\d+:-1$/.test(line));
  const waiting = () => helper.stderr.filter((line) => /: WAITING_FOR_MEMORY: /.test(line));
  await until(() => known().length > 0 && waiting().length >= 39, 'one there, the others waiting');
  helper.write('pause:5', 'remove:7', 'resume:5', `remove:${known()[0]?.split(':')[0]}`);
  await until(() => known().length > 1, 'another in its place');
  helper.kill('SIGTERM');
  expect(await helper.exit(8_000)).toBe(4);
}, 40_000);
