// The command with --inspect and --inspect-record, and `inspect`, as far as a page's connection shows it.
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { InspectionRecord } from '../../src/inspection/told/records.js';
import { scratchFolder } from '../support/disks/scratch-folder.js';
import { dist, start } from '../support/helper/helper-process.js';
import { openPage, recordsTold } from '../support/inspection/page-connection.js';
import { freePort } from '../support/processes/free-port.js';
import { listenOn } from '../support/web/listen-on.js';

let cwd: string;

beforeEach(async () => {
  cwd = await scratchFolder();
  await writeFile(join(cwd, 'a.bin'), 'x'.repeat(100_000));
});

const startHere = (...args: readonly string[]) => start(args, { cwd });

const urlIn = (line: string) => /http:\S+/.exec(line)?.[0] ?? '';

/** The states of job 1, one after the other. */
const lifeIn = (records: readonly InspectionRecord[]) => {
  const job = records.find((each) => each.type === 'actor' && each.id === 'job-1')?.actor;
  return records.flatMap((each) => (each.actor === job ? [JSON.stringify(each.value)] : []));
};

describe('--inspect', () => {
  it('shows the life of a job while it is lived, until the helper has ended, and by --inspect-record afterwards', async () => {
    const port = await freePort();
    const helper = startHere(`--inspect=${port}`, '--inspect-record', 'life', 'file:a.bin');
    const url = urlIn(await helper.diagnostic(/^bittorrent-helper: inspector: /));
    expect(new URL(url).port).toBe(`${port}`);
    const page = await openPage(`${url}events`);
    await helper.line('1:a.bin:100');
    const began = await page.until(({ type }) => type === 'began');
    expect(began).toMatchObject({ source: { kind: 'live', pid: helper.child.pid } });
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
    await page.ended;
    expect(page.told.at(-1)).toEqual({ type: 'ended', reason: 'the helper has ended' });
    const life = lifeIn(recordsTold(page.told));
    expect(life[0]).toBe('{"active":"making"}');
    expect(life).toContain('{"active":{"joined":"seeding"}}');
    expect(helper.stderr.filter((line) => /inspect|record/i.test(line))).toHaveLength(1);
    const { mode } = await stat(join(cwd, 'life'));
    expect(mode & 0o777).toBe(0o600);

    const shown = startHere('inspect', 'life');
    const recorded = await openPage(`${await shown.line(/^http:/)}events`);
    await recorded.until(({ type }) => type === 'caughtUp');
    expect(recorded.told[0]).toMatchObject({ source: { kind: 'recording', file: 'life' } });
    expect(lifeIn(recordsTold(recorded.told)).slice(0, life.length)).toEqual(life);
    shown.kill('SIGINT');
    expect(await shown.exit()).toBe(0);
    expect(shown.stdout).toHaveLength(1);
  });

  it('and --inspect-record are refused before anything is started, where they cannot be', async () => {
    const taken = createServer();
    onTestFinished(() => void taken.close());
    const port = await listenOn(taken);
    await writeFile(join(cwd, 'own'), 'not a recording\n');
    for (const [args, message] of [
      [[`--inspect=${port}`], `PORT_TAKEN: --inspect ${port}: the inspector cannot listen on`],
      [['--inspect', '--inspect-record', 'own'], 'RECORDING_EXISTS: own '],
    ] as const) {
      const helper = startHere('--socket', 'watch', ...args, 'file:a.bin');
      expect(await helper.exit()).toBe(2);
      expect(helper.stdout).toEqual([]);
      expect(helper.stderr).toEqual([expect.stringContaining(`bittorrent-helper: ${message}`)]);
    }
    expect((await readdir(cwd)).sort()).toEqual(['a.bin', 'own']);
    expect(await readFile(join(cwd, 'own'), 'utf8')).toBe('not a recording\n');
  });

  it('--inspect-record says once that it cannot go on, beside Stately’s page too, and the helper does', async () => {
    const helper = startHere('--json', '--inspect=stately', '--inspect-record', 'life');
    await helper.diagnostic(/inspector: http/);
    await helper.diagnostic(/: ready: /);
    await rename(join(cwd, 'life'), join(cwd, 'begun'));
    await writeFile(join(cwd, 'life'), 'not a recording\n');
    helper.write('file:a.bin');
    await helper.diagnostic(/RECORDING_EXISTS/);
    await helper.line(/"method":"helper.warning".*RECORDING_EXISTS/);
    await helper.line(/"method":"job.progress".*"percent":100/);
    helper.write('quit:');
    expect(await helper.exit()).toBe(0);
    expect(helper.stderr.filter((line) => line.includes('RECORDING'))).toHaveLength(1);
    expect(await readFile(join(cwd, 'begun'), 'utf8')).toContain('"machine":"supervisor"');
    expect(await readFile(join(cwd, 'life'), 'utf8')).toBe('not a recording\n');
  });

  it('is no reason to stop late, with a hundred pages that read nothing', async () => {
    const helper = startHere('--inspect', 'file:a.bin');
    const url = urlIn(await helper.diagnostic(/inspector: /));
    await helper.line('1:a.bin:100');
    const pages = Array.from({ length: 100 }, () => openPage(`${url}events`, false));
    const settled = await Promise.allSettled(pages);
    // The rest were not let in.
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(15);
    helper.kill('SIGTERM');
    expect(await helper.exit(5_000)).toBe(0);
  });

  it('costs nothing where it is not given: nothing of it is in what everybody loads', async () => {
    const holds = async (name: string) => {
      const text = await readFile(join(dist, name), 'utf8');
      return [text.includes('frame-ancestors'), text.includes('stately.ai/inspect')];
    };
    expect(await holds('bin/command.js')).toEqual([false, false]);
    expect(await holds('src/index.js')).toEqual([false, false]);
    expect(await holds('chunks/inspector.cjs')).toEqual([true, false]);
    expect(await holds('chunks/inspect-recording.cjs')).toEqual([true, false]);
    expect(await holds('chunks/stately-inspector.cjs')).toEqual([false, true]);
  });
});
