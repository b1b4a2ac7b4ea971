import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TrackerRoutes } from '../../../../../src/engine/trackers/announce/announce-request.js';
import {
  announceOverHttp,
  announceUrl,
} from '../../../../../src/engine/trackers/announce/http-announce.js';
import { AnnounceRefused } from '../../../../../src/engine/trackers/announce/tracker-error.js';
import {
  announceAgent,
  deadPort,
  goodAnswer,
  httpTracker,
  request,
} from '../../../../support/trackers/fake-trackers.js';
import { serveRaw } from '../../../../support/web/raw-server.js';

beforeEach(() => {
  for (const name of ['http_proxy', 'no_proxy']) vi.stubEnv(name, '');
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const announce = (url: string, timeoutMs = 10_000, trackerRoutes?: TrackerRoutes) =>
  announceOverHttp(url, request, { agent: announceAgent(trackerRoutes), timeoutMs });

const unreachable = (message: RegExp) => ({
  name: 'HelperError',
  code: 'TRACKER_UNREACHABLE',
  message: expect.stringMatching(message),
});

it('reads an answer whose head ends its lines with LF alone', async () => {
  const tracker = await serveRaw(() =>
    Buffer.concat([Buffer.from('HTTP/1.0 200 OK\nContent-Type: text/plain\n\n'), goodAnswer]),
  );
  expect(await announce(`${tracker.origin}/announce`)).toMatchObject({
    peers: ['1.2.3.4:5'],
    from: '127.0.0.1',
  });
  expect(tracker.heads).toHaveLength(2);
});

describe('the URL of an announce', () => {
  it('has every byte of info hash and peer id percent-encoded', () => {
    const { search } = announceUrl('http://a.example/announce', request);
    expect(search).toContain(
      'info_hash=%00%ff%20%7e%41%80%2b%25%26%3d%0a%0d%11%22%33%44%55%66%77%88&',
    );
    expect(search).toContain(
      'peer_id=%2d%42%48%30%30%30%31%2d%00%26%3d%25%2b%20%33%34%35%36%37%38&',
    );
  });

  it('has the numbers of BEP 3, and asks for compact peers', () => {
    const query = announceUrl('http://a.example/announce', request).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      port: '6881',
      uploaded: '1',
      downloaded: '2',
      left: '3',
      compact: '1',
      numwant: '50',
      key: '89abcdef',
    });
    expect(query.has('event')).toBe(false);
    expect(query.has('ip')).toBe(false);
  });

  it('has event and address where there are any', () => {
    const query = announceUrl('http://a.example/announce', {
      ...request,
      event: 'stopped',
      ip: '2001:db8::1',
    }).searchParams;
    expect(query.get('event')).toBe('stopped');
    expect(query.get('ip')).toBe('2001:db8::1');
  });

  it('has the tracker id where the tracker gave one, every byte percent-encoded', () => {
    const { search } = announceUrl('http://a.example/', { ...request, trackerId: '00ff41' });
    expect(search).toMatch(/&trackerid=%00%ff%41$/);
  });

  it('has something left while it is unknown how much', () => {
    const url = announceUrl('http://a.example/', { ...request, leftBytes: 'unknown' });
    expect(Number(url.searchParams.get('left'))).toBeGreaterThan(0);
  });

  it('keeps path and query as they were', () => {
    const { pathname, search } = announceUrl('http://a.example/p%2Fq/ann.php?key=a%20b&c', request);
    expect(pathname).toBe('/p%2Fq/ann.php');
    expect(search).toMatch(/^\?key=a%20b&c&info_hash=/);
  });
});

describe('a good answer', () => {
  it('is read', async () => {
    const tracker = await httpTracker((_, response) => response.end(goodAnswer));
    const answer = await announce(`${tracker.origin}/announce?passkey=a%2Fb`);
    expect(answer).toEqual({
      from: '127.0.0.1',
      intervalMs: 60_000,
      minIntervalMs: undefined,
      peers: ['1.2.3.4:5'],
    });
    expect(tracker.requests[0]?.url).toMatch(/^\/announce\?passkey=a%2Fb&info_hash=%00%ff%20/);
  });

  it('may be compressed though nobody asked for that', async () => {
    const tracker = await httpTracker((_, response) =>
      response.setHeader('Content-Encoding', 'gzip').end(gzipSync(goodAnswer)),
    );
    expect((await announce(tracker.origin)).peers).toEqual(['1.2.3.4:5']);
  });

  it('may be behind three redirects', async () => {
    const tracker = await httpTracker(({ url = '' }, response) => {
      const hop = Number(url.slice(1, 2));
      if (hop === 3) response.end(goodAnswer);
      else response.writeHead(302, { Location: `/${hop + 1}${url.slice(2)}` }).end('moved');
    });
    expect((await announce(`${tracker.origin}/0`)).peers).toEqual(['1.2.3.4:5']);
    expect(tracker.requests[3]?.url).toContain('info_hash=');
  });

  it('may come from where the route of the tracker leads, which hears the name that was asked', async () => {
    const tracker = await httpTracker((_, response) => response.end(goodAnswer));
    const routes = new Map([['tracker.invalid:80', `127.0.0.1:${tracker.port}`]]);
    expect((await announce('http://tracker.invalid/announce', 10_000, routes)).peers).toHaveLength(
      1,
    );
    expect(tracker.requests[0]?.headers.host).toBe('tracker.invalid');
  });

  it('may want user name and password of the URL', async () => {
    const tracker = await httpTracker((_, response) => response.end(goodAnswer));
    await announce(`http://me:p%40ss@127.0.0.1:${tracker.port}/`);
    const credentials = Buffer.from('me:p@ss').toString('base64');
    expect(tracker.requests[0]?.headers.authorization).toBe(`Basic ${credentials}`);
  });
});

describe('the announce fails with TRACKER_UNREACHABLE', () => {
  it('where nobody listens', async () => {
    const url = `http://127.0.0.1:${await deadPort()}/secret/announce`;
    await expect(announce(url)).rejects.toMatchObject(unreachable(/^(?!.*secret).*ECONNREFUSED/));
  });

  it('where there is no such host', async () => {
    const failure = unreachable(/^tracker http:\/\/tracker\.invalid could not be reached: /);
    await expect(announce('http://tracker.invalid/announce')).rejects.toMatchObject(failure);
  });

  it('when the answer is garbage', async () => {
    const tracker = await httpTracker((_, response) => response.end('<html>hello</html>'));
    await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/not a bencoded/));
  });

  it('when the answer is cut short', async () => {
    const tracker = await httpTracker(({ socket }, response) => {
      response.setHeader('Content-Length', 1000);
      response.write(goodAnswer, () => socket.destroy());
    });
    await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/./));
  });

  it('when the connection is closed without an answer', async () => {
    const tracker = await httpTracker(({ socket }) => socket.destroy());
    await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/./));
  });

  it('when no answer comes in time', async () => {
    const tracker = await httpTracker(() => {});
    await expect(announce(tracker.origin, 100)).rejects.toMatchObject(
      unreachable(/no answer within 0\.1 s/),
    );
  });

  it('when the answer stalls half way', async () => {
    const tracker = await httpTracker((_, response) => {
      response.setHeader('Content-Length', 1000);
      response.write(goodAnswer);
    });
    await expect(announce(tracker.origin, 200)).rejects.toMatchObject(unreachable(/no answer/));
  });

  it('when the answer comes drop by drop', async () => {
    const tracker = await httpTracker((_, response) => {
      let sent = 0;
      const drip = setInterval(() => {
        response.write(goodAnswer.subarray(sent, sent + 1));
        sent += 1;
      }, 20);
      response.once('close', () => clearInterval(drip));
    });
    await expect(announce(tracker.origin, 200)).rejects.toMatchObject(unreachable(/no answer/));
  });

  it('when the answer is endless', async () => {
    const tracker = await httpTracker((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/over 1 MiB/));
  });

  it('when a small answer unpacks to a huge one', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const tracker = await httpTracker((_, response) =>
      response.setHeader('Content-Encoding', 'gzip').end(bomb),
    );
    await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/gzip/));
  });

  it.each([404, 500, 304])('when the answer has status %i', async (status) => {
    const tracker = await httpTracker((_, response) => response.writeHead(status).end('sorry'));
    await expect(announce(tracker.origin)).rejects.toMatchObject(
      unreachable(new RegExp(`${status}`)),
    );
  });

  it('when it is sent round in circles', async () => {
    const tracker = await httpTracker(({ url }, response) =>
      response.writeHead(302, { Location: url }).end(),
    );
    await expect(announce(tracker.origin)).rejects.toMatchObject(
      unreachable(/redirected more than/),
    );
    expect(tracker.requests).toHaveLength(4);
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://['])(
    'when it is redirected to %s',
    async (location) => {
      const tracker = await httpTracker((_, response) =>
        response.writeHead(301, { Location: location }).end(),
      );
      await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/./));
    },
  );

  it.each(['i5e', 'l2:noe', 'd2:no2:noe', '12:unregistered'])(
    'when the answer has a failure reason of any type: %s',
    async (reason) => {
      const tracker = await httpTracker((_, response) =>
        response.end(`d14:failure reason${reason}e`),
      );
      await expect(announce(tracker.origin)).rejects.toMatchObject(unreachable(/refused/));
    },
  );

  it('when the signal aborts', async () => {
    const tracker = await httpTracker(() => controller.abort());
    const controller = new AbortController();
    const { signal } = controller;
    const announcing = announceOverHttp(tracker.origin, request, {
      agent: announceAgent(),
      signal,
    });
    await expect(announcing).rejects.toMatchObject(unreachable(/./));
  });

  it.each(['', 'http:///', 'no url at all', 'http://a b/'])('when the URL is %o', async (url) => {
    await expect(announce(url)).rejects.toMatchObject(unreachable(/./));
  });

  it('when what answers does not speak HTTP', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 ready\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(announce(`http://127.0.0.1:${port}/`)).rejects.toMatchObject(unreachable(/./));
    server.close();
  });
});

describe('what is wrong', () => {
  const failure = 'd14:failure reason7:go awaye';
  it.each([
    ['the announce', 200, failure],
    ['the announce', 403, ''],
    ['the announce', 404, ''],
    ['the tracker', 429, ''],
    ['the tracker', 500, ''],
    ['the tracker', 503, failure],
    ['the tracker', 200, 'garbage'],
  ])('is %s where the answer is %i %s', async (what, status, body) => {
    const tracker = await httpTracker((_, response) => response.writeHead(status).end(body));
    const thrown = await announce(tracker.origin).catch((error: unknown) => error);
    expect(thrown instanceof AnnounceRefused).toBe(what === 'the announce');
  });
});

describe('a proxy of the environment', () => {
  it('is not asked for trackers on this machine, nor for those with a route', async () => {
    vi.stubEnv('http_proxy', `http://127.0.0.1:${await deadPort()}`);
    const tracker = await httpTracker((_, response) => response.end(goodAnswer));
    const routes = new Map([['tracker.invalid:80', `127.0.0.1:${tracker.port}`]]);
    await announce(`${tracker.origin}/announce`);
    await announce('http://tracker.invalid/announce', 10_000, routes);
    expect(tracker.requests).toHaveLength(2);
  });

  it('is asked for all others', async () => {
    const proxy = await httpTracker((_, response) => response.writeHead(418).end());
    const connects: string[] = [];
    proxy.server.on('connect', (incoming, socket) => {
      connects.push(incoming.url ?? '');
      socket.on('error', () => {}).end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    vi.stubEnv('http_proxy', proxy.origin);
    await expect(announce('http://tracker.invalid/announce')).rejects.toMatchObject(
      unreachable(/./),
    );
    expect([...connects, ...proxy.requests.map(({ url }) => url)]).toHaveLength(1);
  });

  it('that is malformed fails the announces that need it alone', async () => {
    vi.stubEnv('http_proxy', 'http://[');
    const tracker = await httpTracker((_, response) => response.end(goodAnswer));
    await expect(announce('http://tracker.invalid/')).rejects.toMatchObject(unreachable(/./));
    await expect(announce(tracker.origin)).resolves.toMatchObject({ intervalMs: 60_000 });
  });
});
