import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import {
  type StatelyInspector,
  startStatelyPage,
} from '../../../../src/inspection/stately/stately-page.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { root, start } from '../../../support/helper/helper-process.js';

const light = setup({
  types: { context: {} as { turns: number }, events: {} as { type: 'turn' } },
}).createMachine({
  id: 'light',
  context: { turns: 0 },
  initial: 'off',
  states: {
    off: { on: { turn: { target: 'on', actions: assign({ turns: 1 }) } } },
    on: {},
  },
});

async function inspector(): Promise<StatelyInspector> {
  const running = await startStatelyPage();
  onTestFinished(() => running.close());
  return running;
}

/** Asks as a browser would, with the headers it would send. */
function ask(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false }, (response) => {
      onTestFinished(() => void response.destroy());
      // Cut off at the end of a test.
      response.on('error', () => {});
      resolve(response);
    });
    request.on('error', reject);
  });
}

interface Told {
  readonly type: string;
  readonly name?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly value?: unknown };
}

/** Reads the event stream until `isWanted`. */
async function readUntil(url: string, isWanted: (told: Told) => boolean): Promise<Told[]> {
  const found: Told[] = [];
  const stream = await ask(`${url}events`);
  expect(stream.headers['content-type']).toBe('text/event-stream');
  let rest = '';
  for await (const text of stream.setEncoding('utf8')) {
    const messages = `${rest}${text}`.split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const told: Told = JSON.parse(message.replace(/^data: /, ''));
      found.push(told);
      if (isWanted(told)) return found;
    }
  }
  throw new Error(`the stream ended after ${found.length} events`);
}

describe('the inspector', () => {
  it('serves a page that holds the inspector', async () => {
    const { url } = await inspector();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await (await fetch(url)).text();
    expect(page).toContain('https://stately.ai/inspect');
    expect(page).toContain("new EventSource('/events')");
  });

  it('tells what the machines do, before and after the page is opened', async () => {
    const { url, inspect } = await inspector();
    const actor = createActor(light, { inspect }).start();
    const isOn = ({ event, snapshot }: Told) => event !== undefined && snapshot?.value === 'on';
    const early = readUntil(url, isOn);
    actor.send({ type: 'turn' });
    for (const told of [await early, await readUntil(url, isOn)]) {
      const definition = told.find(({ type }) => type === '@xstate.actor')?.definition ?? '';
      expect(JSON.parse(definition)).toMatchObject({ id: 'light', states: { off: {}, on: {} } });
      expect(told.some(({ event }) => event?.type === 'turn')).toBe(true);
    }
    actor.stop();
  });

  it('remembers the newest events alone, so that its memory is bounded', async () => {
    const { url, inspect } = await inspector();
    const big = setup({
      types: { context: {} as { text: string }, events: {} as { type: 'turn' | 'end' } },
    }).createMachine({
      context: { text: 'x'.repeat(2 ** 20) },
      initial: 'on',
      states: { on: { on: { turn: {}, end: 'off' } }, off: {} },
    });
    const actor = createActor(big, { inspect }).start();
    for (let turn = 0; turn < 20; turn += 1) actor.send({ type: 'turn' });
    actor.send({ type: 'end' });
    const isOff = ({ snapshot }: Told) => snapshot?.value === 'off';
    await readUntil(url, isOff);
    const snapshots = (await readUntil(url, isOff)).filter(({ type }) => type.endsWith('snapshot'));
    expect(snapshots.length).toBeLessThan(9);
    actor.stop();
  });

  it('leaves out an event that cannot be told', async () => {
    const { url, inspect } = await inspector();
    const odd = setup({
      types: { context: {} as { big: unknown }, events: {} as { type: 'turn'; odd?: unknown } },
    }).createMachine({
      context: { big: 1 },
      initial: 'off',
      states: { off: { on: { turn: 'on' } }, on: {} },
    });
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const actor = createActor(odd, { inspect }).start();
    actor.send({ type: 'turn', odd: circle });
    await readUntil(url, ({ snapshot }) => snapshot?.value === 'on');
    actor.stop();
  });

  it('refuses those who come by another name, or from another site', async () => {
    const { url } = await inspector();
    for (const headers of [
      { host: 'evil.example' },
      { host: `evil.example:${new URL(url).port}` },
      { host: `127.0.0.1.evil.example:${new URL(url).port}` },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      for (const path of ['', 'events']) {
        expect((await ask(`${url}${path}`, headers)).statusCode).toBe(403);
      }
    }
    expect((await ask(url, { 'sec-fetch-site': 'none' })).statusCode).toBe(200);
  });

  it('tells sixteen pages at most, and a newer one in place of the oldest', async () => {
    const { url, inspect } = await inspector();
    const pages: IncomingMessage[] = [];
    const gone: number[] = [];
    for (let nth = 0; nth < 20; nth += 1) {
      const page = await ask(`${url}events`);
      page.once('close', () => gone.push(nth)).resume();
      pages.push(page);
    }
    await expect.poll(() => gone.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3]);
    const told = new Promise((resolve) => pages.at(-1)?.once('data', resolve));
    const actor = createActor(light, { inspect }).start();
    await told;
    actor.stop();
  });

  it.runIf(process.platform === 'linux')('listens on 127.0.0.1 alone', async () => {
    const { url } = await inspector();
    await expect(ask(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow('ECONNREFUSED');
  });

  it('ends, and its pages with it', async () => {
    const running = await startStatelyPage();
    const page = await ask(`${running.url}events`);
    const closed = new Promise((resolve) => page.once('close', resolve));
    page.resume();
    await running.close();
    await closed;
    await expect(ask(running.url)).rejects.toThrow('ECONNREFUSED');
  });

  it('watches a running helper, whose end it does not delay', async () => {
    const dir = await scratchFolder();
    const helper = start([
      '--inspect=stately',
      '--torrent-dir',
      dir,
      `file:${join(root, 'LICENSE')}`,
    ]);
    const line = await helper.diagnostic(/inspector: /);
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    await helper.line(/^1:.*:100$/);
    const told = await readUntil(
      url,
      ({ snapshot }) => JSON.stringify(snapshot?.value) === '{"active":{"joined":"seeding"}}',
    );
    const machines = told.filter(({ type }) => type === '@xstate.actor').map(({ name }) => name);
    expect(machines).toEqual(
      expect.arrayContaining(['supervisor', 'monitor', 'instruction-parser', 'job-1']),
    );
    const page = await ask(`${url}events`);
    page.resume();
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
  });

  it('is no reason to stop late, with two hundred pages that read nothing', async () => {
    const dir = await scratchFolder();
    const helper = start([
      '--inspect=stately',
      '--torrent-dir',
      dir,
      `file:${join(root, 'LICENSE')}`,
    ]);
    const url = /http:\S+/.exec(await helper.diagnostic(/inspector: /))?.[0] ?? '';
    await helper.line(/^1:.*:100$/);
    const { host, port } = new URL(url);
    let shut = 0;
    const pages = Array.from({ length: 200 }, () => {
      const page = connect(Number(port), '127.0.0.1');
      onTestFinished(() => void page.destroy());
      page
        .on('error', () => {})
        .once('close', () => {
          shut += 1;
        });
      page.write(`GET /events HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
      return page.resume();
    });
    // Whoever reads hears that it was shut.
    await expect.poll(() => shut, { timeout: 10_000 }).toBeGreaterThan(130);
    for (const page of pages) page.pause();
    helper.write('no instruction\n'.repeat(1_000));
    await helper.diagnostic(/no instruction/);
    helper.kill('SIGTERM');
    expect(await helper.exit(5_000)).toBe(0);
  }, 20_000);
});
