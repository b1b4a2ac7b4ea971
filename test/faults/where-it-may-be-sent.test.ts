// Who names a tracker, or redirects, may not send the helper where he could not go himself. `ours` is the helper's machine;
// `near` stands in its private net, `far` out in the world. On each a server says what it is asked for.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { startAttacker, startHelperOn } from '../support/helper/helper-on-machine.js';
import type { HelperProcess } from '../support/helper/helper-process.js';
import { namespaces, useNetwork } from '../support/network/namespaces.js';
import { bencode } from '../support/torrents/bencode.mjs';
import { infoOf } from '../support/torrents/handmade-torrent.js';

const network = useNetwork([
  {
    ends: ['ours', 'far'],
    addresses: ['203.0.113.1', '203.0.113.2'],
    aliases: ['203.0.113.3', '203.0.113.4'],
  },
  { ends: ['ours', 'near'], addresses: ['10.79.0.1', '10.79.0.2'] },
]);
/** Far more than anything takes here. */
const patienceMs = 15_000;
const port = 8080;
const at = (host: string, path: string) => `http://${host}:${port}/${path}`;
const [here, near, far, farToo] = ['127.0.0.1', '10.79.0.2', '203.0.113.2', '203.0.113.3'];
/** Takes the announce, so that all before it have been asked or passed over. */
const last = at('203.0.113.4', 'last/announce');

const info = infoOf('content', Buffer.alloc(50_000, 'content'), { private: 0 });
const torrentNaming = (...trackers: readonly string[]) =>
  bencode({ announce: last, 'announce-list': [...trackers, last].map((url) => [url]), info });

interface Scene {
  readonly folder: string;
  readonly helper: HelperProcess;
  /** What each server was asked for since it was last looked at. */
  asked(): Promise<Readonly<Record<'ours' | 'near' | 'far', readonly string[]>>>;
}

/** `files` are on every server. */
async function startScene(
  files: Readonly<Record<string, Buffer>>,
  options: readonly string[] = [],
): Promise<Scene> {
  const folder = await scratchFolder();
  const inBase64 = Object.entries(files).map(([path, bytes]) => [path, bytes.toString('base64')]);
  const orders = { port, files: Object.fromEntries(inBase64) };
  const servers = {
    ours: startAttacker(network.machine('ours'), 'counting-server', orders),
    near: startAttacker(network.machine('near'), 'counting-server', orders),
    far: startAttacker(network.machine('far'), 'counting-server', orders),
  };
  for (const server of Object.values(servers)) await server.line('listening');
  let looks = 0;
  const linesOf = async (server: HelperProcess) => {
    const [before, now] = [`look ${looks - 1}`, `look ${looks}`];
    server.write(now);
    await server.line(now);
    const lines = server.stdout.slice(0, server.stdout.lastIndexOf(now));
    return lines.slice(lines.lastIndexOf(before) + 1).filter((line) => line !== 'listening');
  };
  return {
    folder,
    helper: startHelper(folder, options),
    async asked() {
      const [ours, nearby, faraway] = await Promise.all(Object.values(servers).map(linesOf));
      looks += 1;
      return { ours: ours ?? [], near: nearby ?? [], far: faraway ?? [] };
    },
  };
}

function startHelper(folder: string, options: readonly string[]): HelperProcess {
  const args = ['--no-dht', '--state-dir', 'state', '--download-dir', 'copy', ...options];
  return startHelperOn(network.machine('ours'), args, folder);
}

/** Of what the helper warns, whom it does not ask, once it has said all of it. */
const expectRefused = (helper: HelperProcess) =>
  expect.poll(() => refused(helper), { timeout: patienceMs });

function refused(helper: HelperProcess): readonly string[] {
  const warning = /warning: TRACKER_FORBIDDEN: tracker (\S+) /;
  return helper.stderr.flatMap((line) => warning.exec(line)?.[1] ?? []);
}

const title = namespaces.isMet ? 'a torrent' : `skipped, since ${namespaces.otherwise}: a torrent`;

/** In every class, over both protocols, by address and by name. */
const everywhere = [
  at(here, 'a/announce'),
  at('localhost', 'b/announce'),
  at('[::1]', 'c/announce'),
  at('[::ffff:127.0.0.1]', 'd/announce'),
  at('2130706433', 'e/announce'),
  at('0.0.0.0', 'f/announce'),
  at('169.254.169.254', 'latest/announce'),
  `udp://${here}:${port}/announce`,
  `udp://localhost:${port}/announce`,
  at(near, 'near'),
  at('10.79.0.1', 'own'),
  `udp://${near}:${port}`,
  at(far, 'same'),
  at(farToo, 'other'),
  `udp://${far}:${port}`,
];

/** Waits until every tracker before the last one has had its turn. */
async function askedInTurn({ asked }: Scene): Promise<Awaited<ReturnType<Scene['asked']>>> {
  const all: Record<'ours' | 'near' | 'far', string[]> = { ours: [], near: [], far: [] };
  const look = async () => {
    const more = await asked();
    for (const name of ['ours', 'near', 'far'] as const) all[name].push(...more[name]);
    return all.far;
  };
  await expect.poll(look, { timeout: patienceMs }).toContain('GET /last/announce');
  return all;
}

describe.skipIf(!namespaces.isMet)(title, () => {
  it('from a server out in the world has trackers asked out there alone, and warns of each other one', async () => {
    const scene = await startScene({ '/a.torrent': torrentNaming(...everywhere) });
    scene.helper.write(`torrent:${at(far, 'a.torrent')}`);
    expect(await askedInTurn(scene)).toEqual({
      ours: [],
      near: [],
      far: ['GET /a.torrent', 'GET /same', 'GET /other', 'UDP', 'GET /last/announce'],
    });
    await scene.helper.line('1:content:0');
    await expectRefused(scene.helper).toHaveLength(12);
  });

  it('from a server of the private net has them asked there too, and none on this machine', async () => {
    const scene = await startScene({ '/a.torrent': torrentNaming(...everywhere) });
    scene.helper.write(`torrent:${at(near, 'a.torrent')}`);
    expect(await askedInTurn(scene)).toEqual({
      // Its other address is one of the private net.
      ours: ['GET /own'],
      near: ['GET /a.torrent', 'GET /near', 'UDP'],
      far: ['GET /same', 'GET /other', 'UDP', 'GET /last/announce'],
    });
  });

  it('from this machine has them asked wherever they are', async () => {
    const scene = await startScene({ '/a.torrent': torrentNaming(...everywhere) });
    scene.helper.write(`torrent:${at(here, 'a.torrent')}`);
    const paths = ['a', 'b', 'c', 'd', 'e'].map((path) => `GET /${path}/announce`);
    expect(await askedInTurn(scene)).toEqual({
      ours: ['GET /a.torrent', ...paths, 'UDP', 'UDP', 'GET /own'],
      near: ['GET /near', 'UDP'],
      far: ['GET /same', 'GET /other', 'UDP', 'GET /last/announce'],
    });
    await expectRefused(scene.helper).toEqual([
      'http://0.0.0.0:8080',
      'http://169.254.169.254:8080',
    ]);
  });

  it('from a file has them asked anywhere, on this machine where their path ends in /announce', async () => {
    const trackers = [at(here, 'admin?x=/announce'), `udp://${here}:${port}`, ...everywhere];
    const scene = await startScene({});
    const path = join(scene.folder, 'a.torrent');
    await writeFile(path, torrentNaming(...trackers));
    scene.helper.write(`torrent:${path}`);
    const paths = ['a', 'b', 'c', 'd', 'e'].map((each) => `GET /${each}/announce`);
    expect(await askedInTurn(scene)).toEqual({
      ours: [...paths, 'UDP', 'UDP', 'GET /own'],
      near: ['GET /near', 'UDP'],
      far: ['GET /same', 'GET /other', 'UDP', 'GET /last/announce'],
    });
    await expectRefused(scene.helper).toEqual([
      `http://${here}:${port}`,
      `udp://${here}:${port}`,
      'http://0.0.0.0:8080',
      'http://169.254.169.254:8080',
    ]);
  });

  it('that a magnet link names has them asked as one from a file', async () => {
    const scene = await startScene({});
    const trackers = [at(here, 'admin'), at(here, 'a/announce'), last].map(encodeURIComponent);
    scene.helper.write(`magnet:?xt=urn:btih:${'a'.repeat(40)}&tr=${trackers.join('&tr=')}`);
    expect(await askedInTurn(scene)).toMatchObject({ ours: ['GET /a/announce'] });
    await expectRefused(scene.helper).toEqual([`http://${here}:${port}`]);
  });

  it('whose trackers redirect has none asked that is nearer than the one that did', async () => {
    const to = (server: string, url: string) => at(server, `to/${encodeURIComponent(url)}`);
    const trackers = [
      ...[to(far, at(here, '1/announce')), to(far, at(near, '2/announce'))],
      ...[to(near, at(here, '3/announce')), to(near, at(farToo, '4/announce'))],
      to(farToo, at(far, '5/announce')),
    ];
    const scene = await startScene({});
    const path = join(scene.folder, 'a.torrent');
    await writeFile(path, torrentNaming(...trackers));
    scene.helper.write(`torrent:${path}`);
    const { ours, near: nearby, far: faraway } = await askedInTurn(scene);
    const announces = [...ours, ...nearby, ...faraway].filter((line) => !line.includes('/to/'));
    expect(announces).toEqual(['GET /4/announce', 'GET /5/announce', 'GET /last/announce']);
    await expectRefused(scene.helper).toHaveLength(3);
  });

  it('has asked anywhere whom its user named with --tracker, though it names them too', async () => {
    const tracker = at(here, 'admin');
    const torrent = torrentNaming(tracker, at(here, 'other'));
    const scene = await startScene({ '/a.torrent': torrent }, ['--tracker', tracker]);
    scene.helper.write(`torrent:${at(far, 'a.torrent')}`);
    expect(await askedInTurn(scene)).toMatchObject({ ours: ['GET /admin'] });
    await expectRefused(scene.helper).toEqual([`http://${here}:${port}`]);
  });

  it('is not fetched from where a redirect leads nearer, and it is said what to do', async () => {
    const scene = await startScene({ '/a.torrent': torrentNaming() });
    const from = (server: string, target: string) =>
      `torrent:${at(server, `to/${encodeURIComponent(at(target, 'a.torrent'))}`)}`;
    const { helper } = scene;
    helper.write(from(far, here), from(far, near), from(near, here), from(near, farToo));
    for (const id of [1, 2, 3]) {
      await helper.diagnostic(
        new RegExp(`: job ${id} .* failed: HTTP_FORBIDDEN: .* give it as torrent:PATH$`),
      );
    }
    await helper.line('4:content:0');
    expect(await scene.asked()).toMatchObject({ ours: [] });
    expect(helper.percents(2)).toEqual([-2]);
  });

  it('that a redirect names by a magnet link is fetched from no nearer than that, and its trackers likewise', async () => {
    const scene = await startScene({ '/a.torrent': torrentNaming(at(near, 'b'), at(here, 'c')) });
    const infoHash = createHash('sha1').update(bencode(info)).digest('hex');
    const places = [here, near, far].map((server) => encodeURIComponent(at(server, 'a.torrent')));
    const peers = `x.pe=${near}:${port}&x.pe=localhost:${port}&x.pe=${farToo}:${port}`;
    const link = `magnet:?xt=urn:btih:${infoHash}&xs=${places.join('&xs=')}&${peers}`;
    scene.helper.write(`torrent:${at(far, `to/${encodeURIComponent(link)}`)}`);
    const { ours, near: nearby, far: faraway } = await askedInTurn(scene);
    expect([...ours, ...nearby]).toEqual([]);
    expect(faraway).toContain('GET /a.torrent');
    await expectRefused(scene.helper).toEqual([`http://${near}:${port}`, `http://${here}:${port}`]);
    const warning = /warning: ((?:HTTP|PEER)_\w+): .*?(10\.79\.0\.2|127\.0\.0\.1|localhost)/;
    const warnings = () =>
      new Set(scene.helper.stderr.map((line) => warning.exec(line)?.slice(1).join(' ') ?? ''));
    for (const warned of [
      ...['HTTP_FORBIDDEN 127.0.0.1', 'HTTP_FORBIDDEN 10.79.0.2'],
      ...['PEER_UNREACHABLE 10.79.0.2', 'PEER_UNREACHABLE localhost'],
    ]) {
      await expect.poll(warnings, { timeout: patienceMs }).toContain(warned);
    }
  });

  it('that a session brings back leads no farther than before', async () => {
    const options = ['--session', 'x', '--on-eof', 'seed'];
    const files = { '/a.torrent': torrentNaming(at(here, 'a/announce'), at(near, 'b')) };
    const scene = await startScene(files, options);
    scene.helper.write(`torrent:${at(far, 'a.torrent')}`);
    await askedInTurn(scene);
    scene.helper.write('quit:');
    await scene.helper.exit();
    await scene.asked();
    const again = startHelper(scene.folder, options);
    expect(await askedInTurn(scene)).toMatchObject({ ours: [], near: [] });
    await expectRefused(again).toEqual([`http://${here}:${port}`, `http://${near}:${port}`]);
  });

  it('of a hundred trackers at one address has a few of them asked', async () => {
    const victims = Array.from({ length: 90 }, (_, index) => at(far, `${index}/announce`));
    const scene = await startScene({});
    const path = join(scene.folder, 'a.torrent');
    await writeFile(path, torrentNaming(...victims));
    scene.helper.write(`torrent:${path}`);
    expect((await askedInTurn(scene)).far).toHaveLength(5);
  });
});
