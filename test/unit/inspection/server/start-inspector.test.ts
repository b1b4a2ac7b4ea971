import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type InspectorOptions,
  startInspector,
} from '../../../../src/inspection/server/start-inspector.js';
import { inspectedActors } from '../../../support/inspection/inspected-actors.js';
import { ask, openPage, recordsTold } from '../../../support/inspection/page-connection.js';

async function inspector(options: InspectorOptions = {}) {
  const actors = inspectedActors();
  const { inspection, source } = actors;
  const records = Object.assign(Object.create(inspection), { source });
  const running = await startInspector(records, options);
  onTestFinished(() => running.close());
  const { host, port, pathname } = new URL(running.url);
  return { ...running, ...actors, host, port: Number(port), token: pathname.replaceAll('/', '') };
}

describe('the page', () => {
  it('is made of the package’s own files, and every answer says what a browser may do with it', async () => {
    const { url } = await inspector();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
    const page = await ask(url);
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('page.js') });
    for (const [name, type] of [
      ['', 'text/html; charset=utf-8'],
      ['page.js', 'text/javascript; charset=utf-8'],
      ['page.css?x', 'text/css; charset=utf-8'],
      ['charts.json', 'application/json'],
    ]) {
      const { status, headers } = await ask(`${url}${name}`);
      expect([name, status, headers['content-type']]).toEqual([name, 200, type]);
    }
    for (const answer of [page, await ask(`${url}nothing`), await ask(new URL('/', url).href)]) {
      expect(answer.headers).toMatchObject({
        'content-security-policy':
          "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    }
  });

  it('is all that is served', async () => {
    const { url, host, port, token } = await inspector();
    for (const name of ['index.html', 'nothing', 'toString', '/', 'swarms/1', 'swarms/x']) {
      expect([name, (await ask(`${url}${name}`)).status]).toEqual([name, 404]);
    }
    for (const path of ['../package.json', '..%2fpackage.json', './/etc/passwd', '%2e%2e/a']) {
      // As it stands: a client would tidy it up.
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      socket.write(`GET /${token}/${path} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      const [line] = await new Promise<string[]>((resolve) => {
        socket.setEncoding('utf8').once('data', (text: string) => resolve(text.split('\r\n')));
      });
      expect([path, line]).toEqual([path, 'HTTP/1.1 404 Not Found']);
    }
  });

  it('needs its token, whatever of it is asked for', async () => {
    const { url, host, token } = await inspector();
    const wrong = token.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    for (const given of [
      '',
      wrong,
      token.slice(1),
      `${token}0`,
      token.toUpperCase(),
      'é'.repeat(32),
    ]) {
      for (const name of ['', 'page.js', 'events', 'swarms/1']) {
        const { status, text } = await ask(`http://${host}/${encodeURI(given)}/${name}`);
        expect([given, name, status, text]).toEqual([given, name, 403, '']);
      }
    }
    const moved = await ask(url.slice(0, -1));
    expect([moved.status, moved.headers.location]).toEqual([308, `/${token}/`]);
  });

  it('is for those who come by its own name, so that no other name for this address helps', async () => {
    const { url, port } = await inspector();
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      expect((await ask(url, { host: `${name}:${port}` })).status).toBe(200);
    }
    for (const host of [
      ...['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`],
      ...[`127.0.0.1.evil.example:${port}`, `127.0.0.1:${port}.evil.example`, `127.1:${port}`],
    ]) {
      for (const name of ['', 'events']) {
        expect([host, (await ask(`${url}${name}`, { host })).status]).toEqual([host, 403]);
      }
    }
  });

  it('is for no other site, however it asks; but a link may lead to it', async () => {
    const { url, host } = await inspector();
    const from = (site: string, mode: string, dest: string) => ({
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
      'sec-fetch-dest': dest,
    });
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: `https://${host}` },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      from('cross-site', 'no-cors', 'script'),
      from('cross-site', 'navigate', 'iframe'),
      // Another port of this machine.
      from('same-site', 'cors', 'empty'),
    ]) {
      for (const name of ['', 'page.js', 'events']) {
        expect([headers, (await ask(`${url}${name}`, headers)).status]).toEqual([headers, 403]);
      }
    }
    for (const headers of [
      from('none', 'navigate', 'document'),
      from('same-origin', 'cors', 'empty'),
      from('cross-site', 'navigate', 'document'),
      { origin: `http://${host}` },
    ]) {
      expect([headers, (await ask(url, headers)).status]).toEqual([headers, 200]);
    }
  });

  it('is read, and nothing else', async () => {
    const { url } = await inspector();
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask(url, {}, method);
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD']);
    }
    expect(await ask(`${url}page.js`, {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect(await ask(`${url}events`, {}, 'HEAD')).toMatchObject({ status: 404, text: '' });
  });

  it.runIf(process.platform === 'linux')('is served on 127.0.0.1 alone', async () => {
    const { url } = await inspector();
    await expect(ask(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow('ECONNREFUSED');
  });

  it('says which port it cannot have', async () => {
    const { port } = await inspector();
    await expect(inspector({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `the inspector cannot listen on port ${port} of 127.0.0.1: it is in use; choose another port`,
    });
  });
});

describe('what the page is told', () => {
  it('is what was, that this was all, what comes then, and why it ends, with the last of it', async () => {
    const { url, start, close, source } = await inspector();
    const actor = start('one');
    actor.send({ type: 'before' });
    const page = await openPage(`${url}events`);
    expect(page.response.headers['content-type']).toBe('text/event-stream');
    await page.until(({ type }) => type === 'caughtUp');
    const types = page.told.map(({ type }) => type);
    expect(types).toEqual(['began', 'records', 'caughtUp']);
    expect(page.told[0]).toEqual({ type: 'began', source, lostRecords: 0 });
    actor.send({ type: 'after' });
    await page.until((message) => JSON.stringify(message).includes('"after"'));
    actor.send({ type: 'last' });
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    await close('the helper has ended');
    await page.ended;
    expect(recordsTold(page.told)).toMatchObject([
      { seq: 1, type: 'actor', id: 'one' },
      { seq: 2, event: { type: 'before' } },
      { seq: 3, event: { type: 'after' } },
      { seq: 4, event: { type: 'last' } },
    ]);
    expect(page.told.at(-1)).toEqual({ type: 'ended', reason: 'the helper has ended' });
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  });

  it('goes to sixteen pages, and to a newer one in place of the oldest, which hears why', async () => {
    const { url, start } = await inspector();
    const pages = [];
    for (let nth = 0; nth < 50; nth += 1) pages.push(await openPage(`${url}events`));
    const [older, newest] = [pages.slice(0, -16), pages.slice(-16)];
    const reason = 'a page that was opened later took its place';
    for (const page of older) {
      await page.ended;
      expect(page.told.at(-1)).toEqual({ type: 'ended', reason });
    }
    start('late');
    for (const page of newest) await page.until(({ type }) => type === 'records');
  });
});

describe('the swarm of a job', () => {
  it('is told while the page listens, and asked for no longer', async () => {
    const heard: string[] = [];
    const { url } = await inspector({
      async *swarms(jobId, signal) {
        yield { jobId };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        heard.push(`job ${jobId} has no listener`);
      },
    });
    const page = await openPage(`${url}swarms/12`);
    await page.until((message) => JSON.stringify(message) === '{"jobId":12}');
    page.close();
    await expect.poll(() => heard).toEqual(['job 12 has no listener']);
  });

  it('is asked for no longer either where it waited behind another on one connection', async () => {
    const heard: number[] = [];
    const { url } = await inspector({
      async *swarms(jobId, signal) {
        yield { jobId };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        heard.push(jobId);
      },
    });
    const { host, port, pathname } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    for (const jobId of [1, 2])
      socket.write(`GET ${pathname}swarms/${jobId} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
    await expect.poll(() => heard).toEqual([1, 2]);
  });

  it('ends by an event of its own, so that the page need not come back', async () => {
    const { url } = await inspector({
      async *swarms(jobId) {
        yield { jobId };
      },
    });
    const page = await openPage(`${url}swarms/3`);
    await page.ended;
    expect(page.named).toEqual(['event: over\ndata: {"reason":"the job has ended"}']);
  });

  it('that cannot be told ends alone', async () => {
    const { url } = await inspector({
      // biome-ignore lint/correctness/useYield: it fails before it says anything.
      async *swarms() {
        throw new Error('no swarm');
      },
    });
    const page = await openPage(`${url}swarms/3`);
    await page.ended;
    expect(page.told).toEqual([]);
    expect((await ask(url)).status).toBe(200);
  });
});
