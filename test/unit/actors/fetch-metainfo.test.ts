import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createActor, setup, toPromise } from 'xstate';
import type { Failure, SavedState } from '../../../machines/types.js';
import { createCleanupRegistry } from '../../../src/actors/cleanup-registry.js';
import type { Dependencies, SessionAccess } from '../../../src/actors/dependencies.js';
import { fetchMetainfoActor } from '../../../src/actors/fetch-metainfo.js';
import { createTorrentLocks } from '../../../src/actors/torrent-locks.js';
import { HelperError } from '../../../src/errors.js';
import { createMetainfoMemory } from '../../../src/memory/metainfo-memory.js';
import { parseMetainfo } from '../../../src/metainfo/parse/parse-metainfo.js';
import { createMetainfoWork } from '../../../src/metainfo-thread/metainfo-work.js';
import { type HelperOptions, resolveOptions } from '../../../src/options/resolve-options.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { fakeEngine, noSession } from '../../support/engine/fake-engine.js';
import { bencode } from '../../support/torrents/bencode.mjs';
import { infoOf } from '../../support/torrents/handmade-torrent.js';
import { createSample, type Sample } from '../../support/torrents/sample-on-disk.js';
import { serve } from '../../support/web/web-server.js';

const peer = '10.0.0.7:6881';

async function dependencies(options: HelperOptions = {}) {
  const engine = fakeEngine();
  const dirs = { torrentDir: await scratchFolder(), downloadDir: await scratchFolder() };
  return {
    options: resolveOptions({ ...dirs, ...options }),
    engine,
    torrentLocks: createTorrentLocks(),
    metainfoMemory: createMetainfoMemory(),
    cleanups: createCleanupRegistry(),
    metainfoWork: createMetainfoWork(undefined),
    announce: { tiers: [], known: Promise.resolve([]) },
    register: () => {},
    unregister: () => {},
    stateDir: undefined,
    session: noSession,
  } satisfies Dependencies;
}

function fetching(parts: Dependencies, source: string, saved?: SavedState) {
  const warnings: Failure[] = [];
  const job = createActor(
    setup({
      types: { events: {} as { type: 'swarm.warned'; failure: Failure } },
    }).createMachine({
      on: { 'swarm.warned': { actions: ({ event }) => warnings.push(event.failure) } },
    }),
  ).start();
  const actor = createActor(fetchMetainfoActor(parts), { input: { id: 1, source, job, saved } });
  // Whoever asks for the outcome hears of it; so that nobody is no error.
  actor.subscribe({ error: () => {} });
  actor.start();
  return { actor, warnings, outcome: () => toPromise(actor) };
}

const failing = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

function torrentFile({ metainfo }: Sample, tracker?: string): Buffer {
  const announce = tracker === undefined ? '' : `8:announce${tracker.length}:${tracker}`;
  return Buffer.concat([Buffer.from(`d${announce}4:info`), metainfo.info, Buffer.from('e')]);
}

describe('fetchMetainfo', () => {
  it('reads a file, a relative one in the torrent dir, and says where the content will lie', async () => {
    const parts = await dependencies();
    const content = await createSample(await scratchFolder());
    const path = join(parts.options.torrentDir, 'a b.torrent');
    await writeFile(path, torrentFile(content));
    const expected = {
      torrent: { infoHash: content.metainfo.infoHash, name: content.metainfo.name },
      contentPath: join(parts.options.downloadDir, content.metainfo.name),
      peers: [],
      reach: { kind: 'document' },
    };
    expect(await fetching(parts, 'a b.torrent').outcome()).toMatchObject(expected);
    expect(await fetching(parts, path).outcome()).toMatchObject(expected);
  });

  it('fetches over HTTP', async () => {
    const content = await createSample(await scratchFolder());
    const server = createServer((request, response) => {
      if (request.url === '/a.torrent') response.end(torrentFile(content));
      else response.writeHead(404).end();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const parts = await dependencies();
    expect(await fetching(parts, `${origin}/a.torrent`).outcome()).toMatchObject({
      torrent: { infoHash: content.metainfo.infoHash },
      reach: { kind: 'network', address: '127.0.0.1' },
    });
    await expect(fetching(parts, `${origin}/b.torrent`).outcome()).rejects.toEqual(
      failing('HTTP_STATUS', /404/),
    );
  });

  describe('where there is no memory', () => {
    /** All of it is another job's. */
    async function full() {
      const parts = {
        ...(await dependencies()),
        metainfoMemory: createMetainfoMemory(100_000),
      };
      parts.metainfoMemory.open(99).settle(100_000);
      return parts;
    }
    const waits = [failing('WAITING_FOR_MEMORY')];

    it('waits, having said so once, and fetches again over HTTP when there is', async () => {
      const content = await createSample(await scratchFolder());
      let requests = 0;
      const origin = await serve((_, response) => {
        requests += 1;
        response.end(torrentFile(content));
      });
      const parts = await full();
      const { warnings, outcome } = fetching(parts, `${origin}/a.torrent`);
      const located = outcome();
      await vi.waitFor(() => expect(warnings).toEqual(waits));
      parts.metainfoMemory.releaseJob(99);
      expect(await located).toMatchObject({ torrent: { infoHash: content.metainfo.infoHash } });
      expect([requests, warnings]).toEqual([2, waits]);
    });

    it('asks the swarm again', async () => {
      const { metainfo } = await createSample(await scratchFolder());
      const parts = await full();
      const { warnings, outcome } = fetching(parts, metainfo.infoHash);
      const located = outcome();
      const answer = async (search: number) => {
        await vi.waitFor(() => expect(parts.engine.searches).toHaveLength(search + 1));
        parts.engine.searches[search]?.find({ info: metainfo.info, peers: [] });
      };
      await answer(0);
      await vi.waitFor(() => expect(warnings).toEqual(waits));
      parts.metainfoMemory.releaseJob(99);
      await answer(1);
      expect(await located).toMatchObject({ torrent: { infoHash: metainfo.infoHash } });
    });

    it('waits likewise for what a session saved', async () => {
      const { metainfo, contentPath } = await createSample(await scratchFolder());
      const session: SessionAccess = {
        ...noSession,
        readMetainfo: (_, { parse }) =>
          parse(metainfo.info, { kind: 'info', origin: 'session', announce: metainfo.announce }),
      };
      const parts = { ...(await full()), session };
      const saved = { isPaused: false, infoHash: metainfo.infoHash, contentPath };
      const { warnings, outcome } = fetching(parts, 'gone.torrent', saved);
      const located = outcome();
      await vi.waitFor(() => expect(warnings).toEqual(waits));
      parts.metainfoMemory.releaseJob(99);
      expect(await located).toMatchObject({
        torrent: { infoHash: metainfo.infoHash },
        contentPath,
      });
    });

    it('waits no more once the job moves on, and keeps nothing that came then', async () => {
      const content = await createSample(await scratchFolder());
      const parts = await full();
      await writeFile(join(parts.options.torrentDir, 'a.torrent'), torrentFile(content));
      const { actor, warnings } = fetching(parts, 'a.torrent');
      await vi.waitFor(() => expect(warnings).toEqual(waits));
      actor.stop();
      parts.metainfoMemory.releaseJob(99);
      parts.metainfoMemory.open(2).settle(100_000);
    });

    it('refuses what never fits, and goes on', async () => {
      const content = await createSample(await scratchFolder());
      const parts = { ...(await dependencies()), metainfoMemory: createMetainfoMemory(200) };
      await writeFile(join(parts.options.torrentDir, 'a.torrent'), torrentFile(content));
      await expect(fetching(parts, 'a.torrent').outcome()).rejects.toEqual(
        failing('TORRENT_TOO_LARGE'),
      );
      parts.metainfoMemory.open(2).settle(200);
    });
  });

  it.each([
    ['missing.torrent', 'TORRENT_NOT_FOUND', /missing\.torrent/],
    ['magnet:?dn=nothing', 'SOURCE_INVALID', /./],
    ['garbage.torrent', 'METAINFO_INVALID', /garbage\.torrent/],
  ] as const)('fails for %s as %s', async (source, code, message) => {
    const parts = await dependencies();
    await writeFile(join(parts.options.torrentDir, 'garbage.torrent'), 'garbage');
    await expect(fetching(parts, source).outcome()).rejects.toEqual(failing(code, message));
  });

  it('asks the swarm for what a magnet link names, and keeps the peers that it met', async () => {
    const parts = await dependencies({ tracker: 'http://tracker.example/announce' });
    const { metainfo } = await createSample(await scratchFolder());
    const { infoHash } = metainfo;
    const { outcome } = fetching(parts, `magnet:?xt=urn:btih:${infoHash}&x.pe=${peer}`);
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    expect(search.request).toEqual({
      infoHash,
      trackers: [['http://tracker.example/announce']],
      reach: { kind: 'document' },
      trustedTrackers: ['http://tracker.example/announce'],
      peers: [peer],
    });
    search.find({ info: metainfo.info, peers: [peer] });
    expect(await outcome()).toMatchObject({
      torrent: { infoHash },
      peers: [peer],
      reach: { kind: 'document' },
    });
  });

  it('takes a bare info hash for a magnet link', async () => {
    const parts = await dependencies();
    const infoHash = 'a'.repeat(40);
    fetching(parts, infoHash);
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    expect(search.request).toMatchObject({ infoHash, trackers: [], peers: [] });
  });

  it.each([
    ['a.torrent', undefined, { kind: 'document' }],
    [`magnet:?xt=urn:btih:${'a'.repeat(40)}`, undefined, { kind: 'document' }],
    ['http://tracker.example/a', undefined, { kind: 'network', address: undefined }],
    ['http://localhost:1/a', undefined, { kind: 'network', address: '127.0.0.1' }],
    ['http://[fd00::1]/a', undefined, { kind: 'network', address: 'fd00::1' }],
    [
      'http://10.0.0.1/a',
      { kind: 'network', address: '10.0.0.9' },
      { kind: 'network', address: '10.0.0.9' },
    ],
  ] as const)(
    'knows how far %s leads that a session brings back with %j',
    async (source, reach, known) => {
      const { metainfo } = await createSample(await scratchFolder());
      const session = { ...noSession, readMetainfo: async () => metainfo };
      const parts = { ...(await dependencies()), session };
      const saved = { isPaused: false, infoHash: metainfo.infoHash, contentPath: '/x', reach };
      expect(await fetching(parts, source, saved).outcome()).toMatchObject({ reach: known });
    },
  );

  it('passes warnings of the search on to the job', async () => {
    const parts = await dependencies();
    const { warnings } = fetching(parts, 'a'.repeat(40));
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    search.warn({ code: 'TRACKER_UNREACHABLE', message: 'nobody there' });
    expect(warnings).toEqual([{ code: 'TRACKER_UNREACHABLE', message: 'nobody there' }]);
  });

  it('fails as the search fails, and for metadata that are no metainfo', async () => {
    const parts = await dependencies();
    const closed = fetching(parts, 'a'.repeat(40));
    const invalid = fetching(parts, 'b'.repeat(40));
    const [first, second] = await vi.waitUntil(() => {
      const [a, b] = parts.engine.searches;
      return a && b ? ([a, b] as const) : undefined;
    });
    first.fail(new HelperError('CLOSED', 'closed'));
    second.find({ info: Buffer.from('d4:name1:ae'), peers: [] });
    await expect(closed.outcome()).rejects.toEqual(failing('CLOSED'));
    await expect(invalid.outcome()).rejects.toEqual(failing('METAINFO_INVALID', /b{40}/));
  });

  it('ends the search when the job moves on', async () => {
    const parts = await dependencies();
    const { actor } = fetching(parts, 'a'.repeat(40));
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    expect(search.signal.aborted).toBe(false);
    actor.stop();
    expect(search.signal.aborted).toBe(true);
  });
});

describe('fetchMetainfo of a link that a server redirects to', () => {
  const far = '203.0.113.7:6881';

  it('asks the swarm, as near as the server may lead', async () => {
    const { metainfo } = await createSample(await scratchFolder());
    const { infoHash } = metainfo;
    const tracker = 'http://tracker.example/announce';
    const location = `magnet:?xt=urn:btih:${infoHash}&tr=${tracker}&x.pe=${far}&x.pe=127.0.0.1:1`;
    const origin = await serve((_, response) => response.writeHead(302, { location }).end());
    const parts = await dependencies();
    const { outcome } = fetching(parts, `${origin}/a`);
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    const reach = { kind: 'network', address: '127.0.0.1' };
    expect(search.request).toEqual({
      infoHash,
      trackers: [[tracker]],
      reach,
      trustedTrackers: [],
      peers: [far, '127.0.0.1:1'],
    });
    search.find({ info: metainfo.info, peers: [peer] });
    expect(await outcome()).toMatchObject({ torrent: { infoHash }, peers: [peer], reach });
  });

  it('dials no peer that is nearer than the server, and says so', async () => {
    vi.stubEnv('no_proxy', undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const location = `magnet:?xt=urn:btih:${'a'.repeat(40)}&x.pe=${far}&x.pe=10.0.0.1:1`;
    const origin = await serve((_, response) => response.writeHead(302, { location }).end());
    vi.stubEnv('http_proxy', origin);
    const parts = await dependencies();
    const { warnings } = fetching(parts, 'http://server.invalid/a');
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    expect(search.request).toMatchObject({ reach: { kind: 'network' }, peers: [far] });
    expect(warnings).toEqual([failing('PEER_UNREACHABLE', /10\.0\.0\.1/)]);
  });

  it('says which server led to one that cannot be used', async () => {
    const location = 'magnet:?dn=nothing';
    const origin = await serve((_, response) => response.writeHead(302, { location }).end());
    await expect(fetching(await dependencies(), `${origin}/a`).outcome()).rejects.toEqual(
      failing('SOURCE_INVALID', /127\.0\.0\.1.*redirected to a magnet link: .*names no torrent/),
    );
  });
});

describe('fetchMetainfo of a link that names web servers', () => {
  /** A link that a server on this machine gave, so that it may name others there. */
  async function linkFrom(parameters: (origin: string) => string, answers: Record<string, Buffer>) {
    const asked: string[] = [];
    const origin: string = await serve(({ url = '', headers }, response) => {
      if (url === '/link') {
        const location = parameters(`http://${headers.host}`);
        response.writeHead(302, { location: `magnet:?${location}` }).end();
        return;
      }
      asked.push(url);
      const answer = answers[url];
      if (answer !== undefined) response.end(answer);
      else if (url !== '/silent') response.writeHead(404).end();
    });
    return { source: `${origin}/link`, asked };
  }

  const tracker = 'http://tracker.example/announce';
  const theirs = 'http://theirs.example/announce';

  it('takes the first .torrent of it, warns of what is none, and asks the swarm no more', async () => {
    const sample = await createSample(await scratchFolder(), { isPrivate: false });
    const other = await createSample(await scratchFolder());
    const { infoHash } = sample.metainfo;
    const { source, asked } = await linkFrom(
      (origin) =>
        ['xs=', '/gone', '/other', '/garbage', '/good', '/more'].reduce((link, path) =>
          link.endsWith('=')
            ? `xt=urn:btih:${infoHash}&tr=${tracker}&x.pe=${peer}&xs=${origin}${path}`
            : `${link}&as=${origin}${path}`,
        ),
      {
        '/other': torrentFile(other),
        '/garbage': Buffer.from('garbage'),
        '/good': torrentFile(sample, theirs),
      },
    );
    const parts = await dependencies();
    const { outcome, warnings } = fetching(parts, source);
    expect(await outcome()).toMatchObject({
      torrent: { infoHash, announce: [[tracker]] },
      peers: [peer],
      reach: { kind: 'network', address: '127.0.0.1' },
    });
    expect(asked).toEqual(['/gone', '/other', '/garbage', '/good']);
    expect(warnings).toEqual([
      failing('HTTP_STATUS', /gone.*404/),
      failing('METAINFO_INVALID', /other holds another torrent/),
      failing('METAINFO_INVALID', /garbage/),
    ]);
    expect(parts.engine.searches[0]?.signal.aborted).toBe(true);
  });

  it.each([
    ['that is private, whatever the link names', true, `&tr=${tracker}`],
    ['where the link names none', false, ''],
  ])(
    'asks the trackers of a .torrent %s, as near as its server may lead',
    async (_, isPrivate, tr) => {
      const sample = await createSample(await scratchFolder(), { isPrivate });
      const { infoHash } = sample.metainfo;
      const { source } = await linkFrom(
        (origin) => `xt=urn:btih:${infoHash}${tr}&xs=${origin}/good`,
        {
          '/good': torrentFile(sample, theirs),
        },
      );
      expect(await fetching(await dependencies(), source).outcome()).toMatchObject({
        torrent: { announce: [[theirs]] },
        reach: { kind: 'network', address: '127.0.0.1' },
      });
    },
  );

  it('gives names that are not UTF-8 as the swarm would, which knows of no encoding', async () => {
    const info = infoOf('x', Buffer.alloc(9), { name: Buffer.from('83658358', 'hex') });
    const good = bencode({ encoding: 'Shift_JIS', info });
    const { infoHash } = parseMetainfo(good, 'good');
    const { source } = await linkFrom((origin) => `xt=urn:btih:${infoHash}&xs=${origin}/good`, {
      '/good': good,
    });
    const { warnings, outcome } = fetching(await dependencies(), source);
    expect(await outcome()).toMatchObject({ torrent: { name: 'ƒeƒX', encoding: undefined } });
    expect(warnings).toEqual([failing('NAMES_MENDED', /windows-1252, which is a guess/)]);
  });

  it('waits for none of them once the swarm has answered', async () => {
    const { metainfo } = await createSample(await scratchFolder());
    const { source, asked } = await linkFrom(
      (origin) => `xt=urn:btih:${metainfo.infoHash}&xs=${origin}/silent`,
      {},
    );
    const parts = await dependencies();
    const { outcome, warnings } = fetching(parts, source);
    const search = await vi.waitUntil(() => parts.engine.searches[0]);
    await vi.waitFor(() => expect(asked).toEqual(['/silent']));
    search.find({ info: metainfo.info, peers: [peer] });
    expect(await outcome()).toMatchObject({
      torrent: { infoHash: metainfo.infoHash },
      peers: [peer],
    });
    expect(warnings).toEqual([]);
  });

  it('goes on asking the swarm where none of them has it', async () => {
    const { metainfo } = await createSample(await scratchFolder());
    const { source } = await linkFrom(
      (origin) => `xt=urn:btih:${metainfo.infoHash}&xs=${origin}/gone&as=${origin}/link`,
      {},
    );
    const parts = await dependencies();
    const { outcome, warnings } = fetching(parts, source);
    await vi.waitFor(() =>
      expect(warnings).toEqual([
        failing('HTTP_STATUS'),
        failing('HTTP_REDIRECTS', /another magnet/),
      ]),
    );
    parts.engine.searches[0]?.find({ info: metainfo.info, peers: [] });
    expect(await outcome()).toMatchObject({ torrent: { infoHash: metainfo.infoHash } });
  });

  it('asks none that is nearer than a link of unknown origin may lead', async () => {
    let requests = 0;
    const origin = await serve(() => {
      requests += 1;
    });
    const parts = await dependencies();
    const { warnings } = fetching(parts, `magnet:?xt=urn:btih:${'a'.repeat(40)}&xs=${origin}/a`);
    await vi.waitFor(() => expect(warnings).toEqual([failing('HTTP_FORBIDDEN', /127\.0\.0\.1/)]));
    expect(requests).toBe(0);
  });

  it('waits for memory where there is none for what came, and says each thing once', async () => {
    const sample = await createSample(await scratchFolder());
    const { infoHash } = sample.metainfo;
    const { source, asked } = await linkFrom(
      (origin) => `xt=urn:btih:${infoHash}&so=0&xs=${origin}/gone&xs=${origin}/good`,
      { '/good': torrentFile(sample) },
    );
    const parts = { ...(await dependencies()), metainfoMemory: createMetainfoMemory(100_000) };
    parts.metainfoMemory.open(99).settle(100_000);
    const { warnings, outcome } = fetching(parts, source);
    const located = outcome();
    const told = ['SELECTION_UNSUPPORTED', 'HTTP_STATUS', 'WAITING_FOR_MEMORY'];
    await vi.waitFor(() => expect(warnings.map(({ code }) => code)).toEqual(told));
    parts.metainfoMemory.releaseJob(99);
    expect(await located).toMatchObject({ torrent: { infoHash } });
    expect(warnings.map(({ code }) => code)).toEqual(told);
    expect(asked).toEqual(['/gone', '/good', '/gone', '/good']);
  });

  it('drops what never fits, and lets the swarm find what does', async () => {
    const sample = await createSample(await scratchFolder());
    const { infoHash, info } = sample.metainfo;
    const { source } = await linkFrom((origin) => `xt=urn:btih:${infoHash}&xs=${origin}/large`, {
      '/large': Buffer.alloc(200_000, 'x'),
    });
    const parts = { ...(await dependencies()), metainfoMemory: createMetainfoMemory(100_000) };
    const { warnings, outcome } = fetching(parts, source);
    await vi.waitFor(() => expect(warnings).toEqual([failing('TORRENT_TOO_LARGE')]));
    parts.engine.searches[0]?.find({ info, peers: [] });
    expect(await outcome()).toMatchObject({ torrent: { infoHash } });
  });
});

it('fetchMetainfo says at once that a server refuses, and goes on asking it', async () => {
  const content = await createSample(await scratchFolder());
  let requests = 0;
  const origin = await serve((_, response) => {
    requests += 1;
    if (requests < 3) response.writeHead(503, { 'retry-after': '0' }).end();
    else response.end(torrentFile(content));
  });
  const { outcome, warnings } = fetching(await dependencies(), `${origin}/a.torrent`);
  await outcome();
  expect(warnings).toEqual([failing('HTTP_STATUS', /503; it is asked again/)]);
});
