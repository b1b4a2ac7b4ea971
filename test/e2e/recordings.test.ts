// A helper writes down what it does (--inspect-record), and what it wrote is opened again (inspect FILE).
import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { PageMessage } from '../../src/inspection/told/page-messages.js';
import { useScratchFolder } from '../support/disks/scratch-folder.js';
import { type HelperProcess, start } from '../support/helper/helper-process.js';
import { until } from '../support/waiting.js';

const path = useScratchFolder();
const breaksOff = 'it breaks off: the helper was killed, or goes on';

/** What a page is told, by the URL that is the command's one line. */
async function toldBy(inspect: HelperProcess): Promise<readonly PageMessage[]> {
  const url = await inspect.line(/^http:\/\/127\.0\.0\.1:\d+\/\w+\/$/);
  const stop = new AbortController();
  const { body } = await fetch(`${url}events`, { signal: stop.signal });
  const messages: PageMessage[] = [];
  let text = '';
  for await (const bytes of body ?? []) {
    text += Buffer.from(bytes).toString();
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) messages.push(JSON.parse(part.replace(/^data: /, '')));
    if (messages.at(-1)?.type === 'caughtUp') break;
  }
  stop.abort();
  return messages;
}

/** The states of a machine, as the records tell of them. */
function statesIn(messages: readonly PageMessage[], machine: string): readonly string[] {
  const records = messages.flatMap((message) =>
    message.type === 'records' ? message.records : [],
  );
  const actors = new Set(
    records.flatMap((each) =>
      each.type === 'actor' && each.machine === machine ? [each.actor] : [],
    ),
  );
  return records.flatMap(({ actor, value }) => (actors.has(actor) ? [JSON.stringify(value)] : []));
}

describe('a recording', () => {
  it('of a helper that was killed shows what it did to the last', async () => {
    await writeFile(path('a.bin'), 'content');
    const helper = start(['--inspect-record', 'life.jsonl', '--state-dir', 'state', 'file:a.bin'], {
      cwd: path(),
    });
    await helper.line('1:a.bin:100');
    const isRecorded = async () =>
      (await readFile(path('life.jsonl'), 'utf8')).includes('"seeding"');
    await until(isRecorded, 'recorded');
    helper.kill('SIGKILL');
    await helper.exit();
    expect((await stat(path('life.jsonl'))).mode & 0o777).toBe(0o600);

    const inspect = start(['inspect', 'life.jsonl'], { cwd: path() });
    const messages = await toldBy(inspect);
    expect(messages[0]).toMatchObject({
      type: 'began',
      source: { kind: 'recording', file: 'life.jsonl', pid: helper.child.pid, notes: [breaksOff] },
      lostRecords: 0,
    });
    expect(statesIn(messages, 'torrent').at(-1)).toBe('{"active":{"joined":"seeding"}}');
    expect(statesIn(messages, 'engine').at(-1)).toMatch(/alive/);
    await inspect.diagnostic(`bittorrent-helper: life.jsonl: ${breaksOff}`);
    inspect.kill('SIGINT');
    expect(await inspect.exit()).toBe(0);
    expect(inspect.stdout).toHaveLength(1);
  });

  it('of a helper that stopped says so, and one that follows it leaves it beside its own', async () => {
    for (const _ of [1, 2]) {
      const helper = start(['--inspect-record', 'life.jsonl', '--state-dir', 'state'], {
        cwd: path(),
      });
      helper.write('quit:');
      expect(await helper.exit()).toBe(0);
    }
    for (const name of ['life.jsonl', 'life.jsonl.1']) {
      const lines = (await readFile(path(name), 'utf8')).trimEnd().split('\n');
      expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'ended', timeMs: expect.any(Number) });
    }
  });

  it('is refused in a sentence, before anything is started, where something else lies', async () => {
    await writeFile(path('mine.txt'), 'mine');
    const helper = start(['--inspect-record', 'mine.txt', 'file:a.bin'], { cwd: path() });
    expect(await helper.exit()).toBe(2);
    expect(helper.stderr).toEqual([
      `bittorrent-helper: RECORDING_EXISTS: mine.txt is no recording, so it is not written over; name another file`,
    ]);
    expect(await readFile(path('mine.txt'), 'utf8')).toBe('mine');
    const inspect = start(['inspect', 'mine.txt'], { cwd: path() });
    expect(await inspect.exit()).toBe(2);
    expect(inspect.stderr).toEqual([
      'bittorrent-helper: RECORDING_UNREADABLE: mine.txt cannot be opened: it is no recording of an inspector',
    ]);
  });
});
