import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
} from '../../../src/http/http-client.js';
import type { Permit } from '../../../src/net/reach.js';
import { serveRaw } from '../../support/web/raw-server.js';

const never = new AbortController().signal;
const clients: HttpClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function httpClient(options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({
    maxBodyBytes: 1000,
    maxRedirects: 2,
    hasTunnel: true,
    headers: { 'user-agent': 'test' },
    route: ({ origin }) => ({ origin, isDirect: true }),
    ...options,
  });
  clients.push(client);
  return client;
}

async function scripted(answer: (path: string) => Buffer | string | undefined) {
  const { origin, heads } = await serveRaw(answer);
  return { url: new URL('/a', origin), heads };
}

const get = async (url: URL, client = httpClient()) => {
  const { body, from } = await client.get(url, never);
  return [Buffer.from(body).toString(), from];
};

const lfHead = (...lines: readonly string[]) =>
  Buffer.from(`${['HTTP/1.1 200 OK', ...lines].join('\n')}\n\n`);

describe('an answer whose head', () => {
  it.each([
    ['ends every line with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 4\n\nbody'],
    ['has no reason, and LF alone', 'HTTP/1.0 200\nX: 1\n\nbody'],
    ['ends its status line with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 4\r\n\r\nbody'],
    ['ends some lines with LF alone', 'HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 4\r\n\r\nbody'],
    ['ends with a bare LF', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\nbody'],
    ['ends with a bare LF, of no length', 'HTTP/1.1 200 OK\r\nX: 1\r\n\nbody'],
  ])('%s is read, having been asked for once more', async (_, answer) => {
    const { url, heads } = await scripted(() => answer);
    expect(await get(url)).toEqual(['body', '127.0.0.1']);
    expect(heads).toHaveLength(2);
  });

  it.each([
    ['is another protocol’s', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['names a header with a space', 'HTTP/1.1 200 OK\r\nCon tent: 2\r\n\r\nhi'],
    ['has CR alone', 'HTTP/1.1 200 OK\rContent-Length: 2\r\rhi'],
  ])('%s is asked for once only', async (_, answer) => {
    const { url, heads } = await scripted(() => answer);
    await expect(get(url)).rejects.toThrow('HTTP/1.1 protocol');
    expect(heads).toHaveLength(1);
  });
});

describe('asking once more', () => {
  it('says who asks to whom, and no credentials', async () => {
    const { url, heads } = await scripted(() => lfHead());
    url.username = 'me';
    url.password = 'secret';
    await get(url);
    const [first, second] = heads;
    expect(first).toMatch(/^authorization: Basic/im);
    expect(second).toMatch(/^user-agent: test/im);
    expect(second).toMatch(new RegExp(`^host: ${url.host}`, 'im'));
    expect(second).not.toMatch(/authorization|cookie/i);
  });

  it('decodes, follows, refuses and bounds as ever', async () => {
    const big = Buffer.alloc(1001);
    const { url } = await scripted((path) => {
      if (path === '/a') return 'HTTP/1.1 302 Found\nLocation: /b\n\n';
      if (path === '/b')
        return Buffer.concat([lfHead('Content-Encoding: deflate'), deflateRawSync('body')]);
      if (path === '/gone') return 'HTTP/1.1 404 Gone\n\n';
      if (path === '/big') return Buffer.concat([lfHead(), big]);
      return Buffer.concat([lfHead('Content-Encoding: gzip'), gzipSync(big)]);
    });
    expect(await get(url)).toEqual(['body', '127.0.0.1']);
    const failures = { '/gone': 'status', '/big': 'tooLarge', '/bomb': 'tooLarge' };
    for (const [path, kind] of Object.entries(failures)) {
      await expect(get(new URL(path, url))).rejects.toMatchObject({ failure: { kind } });
    }
  });

  it('goes to the address that was permitted', async () => {
    const { url, heads } = await scripted(() => lfHead('Content-Length: 0'));
    const answers = [['127.0.0.1'], ['203.0.113.1']];
    const resolve = async () => answers.shift() ?? [];
    const checked: string[] = [];
    const permit: Permit = {
      check: (_, address) => void checked.push(address),
      redirectedBy: () => permit,
    };
    const named = new URL(`http://name.invalid:${url.port}/a`);
    expect((await httpClient({ resolve }).get(named, never, permit)).from).toBe('127.0.0.1');
    expect(checked).toEqual(['127.0.0.1']);
    expect(heads[1]).toMatch(/^host: name\.invalid:/im);
  });

  it('ends with the signal, and with the client', async () => {
    let asked = 0;
    let stop = () => {};
    const { url } = await scripted(() => {
      asked += 1;
      if (asked % 2 === 1) return lfHead('Content-Length: 0');
      stop();
      return undefined;
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    stop = () => controller.abort(reason);
    await expect(httpClient().get(url, controller.signal)).rejects.toBe(reason);
    const client = httpClient();
    stop = () => void client.close();
    await expect(client.get(url, never)).rejects.toThrow('closed');
  });

  it('is not done for a body that broke off', async () => {
    const { url, heads } = await scripted(() => 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbody');
    await expect(get(url)).rejects.toThrow();
    expect(heads).toHaveLength(1);
  });
});
