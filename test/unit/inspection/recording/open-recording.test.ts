import { readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HelperError } from '../../../../src/errors.js';
import {
  openRecording,
  type RecordingOptions,
} from '../../../../src/inspection/recording/open-recording.js';
import { readRecording } from '../../../../src/inspection/recording/read-recording.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';
import { mayMount, mountSmallDisk } from '../../../support/disks/small-disk.js';
import {
  actorsNow,
  inspectedActors,
  recordsOf,
} from '../../../support/inspection/inspected-actors.js';
import { until } from '../../../support/waiting.js';

const path = useScratchFolder();

async function recorded(options?: RecordingOptions, file = path('a')) {
  const actors = inspectedActors();
  const { inspection, source } = actors;
  const early = actors.start('early');
  await until(() => inspection.nextSeq > 1, 'told');
  const recording = await openRecording(inspection, source, file, options);
  onTestFinished(() => recording.close());
  return { ...actors, early, recording };
}

async function linesOf(name: string): Promise<{ type: string; [field: string]: unknown }[]> {
  const lines = (await readFile(path(name), 'utf8')).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line));
}

/** Between two files there is none for a moment. */
async function hasText(text: string): Promise<boolean> {
  return (await readFile(path('a'), 'utf8').catch(() => '')).includes(text);
}

describe('a recording that is written', () => {
  it('holds all that is told, in its order, and that it has ended', async () => {
    const { inspection, source, start, early, recording } = await recorded();
    early.send({ type: 'first' });
    start('late').send({ type: 'second' });
    early.stop();
    await recording.close();
    const lines = await linesOf('a');
    const { version, pid, beganMs } = source;
    const header = { type: 'recording', format: 1, version, pid, beganMs, nextSeq: 1 };
    expect(lines[0]).toEqual(header);
    expect(lines.slice(1, -1)).toEqual(recordsOf(inspection));
    expect(lines.at(-1)).toEqual({ type: 'ended', timeMs: expect.any(Number) });
  });

  it('has each record soon after it was told, and not only when it ends', async () => {
    const { early } = await recorded();
    for (const type of ['one', 'two']) {
      early.send({ type });
      await until(() => hasText(`"${type}"`), 'there');
    }
  });

  it('begins another file when one is full, and both together are the whole', async () => {
    const { inspection, early, recording } = await recorded({ fileBytes: 1_000 });
    for (let count = 0; count < 9; count += 1) {
      early.send({ type: `event.${count}` });
      await until(() => hasText(`event.${count}"`), 'there');
    }
    await recording.close();
    const [older, newer] = [await linesOf('a.1'), await linesOf('a')];
    expect(older[0]?.type).toBe('recording');
    expect(newer[0]?.type).toBe('recording');
    const together = await readRecording(path('a'));
    const all = recordsOf(inspection);
    expect(recordsOf(together)).toEqual(all.slice(all.length - recordsOf(together).length));
    expect(actorsNow(together)).toEqual(actorsNow(inspection));
    expect(together.source.notes).toEqual([]);
    // The newer one tells of actors that began before it, though nobody has the older one.
    await rename(path('a'), path('alone'));
    const alone = await readRecording(path('alone'));
    expect(alone.firstSeq).toBe(newer[0]?.nextSeq);
    expect(actorsNow(alone)).toEqual(actorsNow(inspection));
  });

  it('begins a new file when somebody has moved it away', async () => {
    const { inspection, early, recording } = await recorded();
    await rename(path('a'), path('moved'));
    early.send({ type: 'later' });
    await until(() => hasText('later'), 'there');
    await recording.close();
    const found = await readRecording(path('a'));
    expect(actorsNow(found)).toEqual(actorsNow(inspection));
  });

  it('counts what it could not keep up with, and goes on with the actors as they are', async () => {
    const { inspection, early, recording } = await recorded();
    early.send({ type: 'first' });
    await until(() => hasText('first'), 'there');
    const text = Array.from({ length: 12 }, () => 'x'.repeat(500));
    for (let count = 0; inspection.firstSeq < 20; count += 1) {
      early.send({ type: `event.${count}`, text: [...text, `${count}`] });
      // What is remembered is more than one turn can fill; and the disk has no turn.
      if (count % 10 === 0) await Promise.resolve();
    }
    early.send({ type: 'last' });
    await recording.close();
    const lines = await linesOf('a');
    const lost = lines.findIndex(({ type }) => type === 'lost');
    expect(lines[lost]).toEqual({ type: 'lost', records: expect.any(Number) });
    expect(lines[lost + 1]).toMatchObject({ type: 'actors', actors: [{ id: 'early' }] });
    const found = await readRecording(path('a'));
    expect(actorsNow(found).early?.context).toEqual({ text: 'last' });
    expect(found.firstSeq).toBe(1);
    expect(recordsOf(found).filter(({ seq }, index) => seq !== index + 1)).toEqual([]);
    const gaps = recordsOf(found).filter(
      (each) => each.type === 'transition' && each.event.type === 'recording.gap',
    );
    expect(gaps).toMatchObject([
      { changed: { text: expect.arrayContaining([expect.stringMatching(/^\d+$/)]) } },
    ]);
    expect(found.source.notes?.[0]).toMatch(/^\d+ records are missing/);
  });

  it('names no home directory', async () => {
    const { early, recording } = await recorded();
    early.send({ type: 'told', text: `${homedir()}/a.iso` });
    await recording.close();
    expect(await readFile(path('a'), 'utf8')).toContain('"~/a.iso"');
  });

  it('ends with one warning when something else takes its place, and leaves that alone', async () => {
    const onStopped = vi.fn<(error: HelperError) => void>();
    const { early } = await recorded({ onStopped });
    await rename(path('a'), path('moved'));
    await writeFile(path('a'), 'theirs');
    for (const type of ['one', 'two', 'three']) {
      early.send({ type });
      await until(() => onStopped.mock.calls.length > 0, 'stopped');
    }
    expect(onStopped).toHaveBeenCalledOnce();
    expect(onStopped.mock.lastCall?.[0]).toMatchObject({
      code: 'RECORDING_EXISTS',
      message: `the recording has ended: something else has taken the place of ${path('a')}, perhaps another helper; each needs a file of its own`,
    });
    expect(await readFile(path('a'), 'utf8')).toBe('theirs');
  });

  it.runIf(mayMount)(
    'ends with one warning on a full disk, and what there is can be read',
    async () => {
      const disk = await mountSmallDisk(64 * 1024);
      const onStopped = vi.fn<(error: HelperError) => void>();
      const { early } = await recorded({ onStopped }, `${disk.path}/a`);
      for (let count = 0; onStopped.mock.calls.length === 0; count += 1) {
        early.send({ type: `event.${count}`, text: 'x'.repeat(400) });
        await new Promise(setImmediate);
      }
      early.send({ type: 'more' });
      expect(onStopped).toHaveBeenCalledOnce();
      expect(onStopped.mock.lastCall?.[0]).toMatchObject({ code: 'RECORDING_UNWRITABLE' });
      const found = await readRecording(`${disk.path}/a`);
      expect(recordsOf(found).length).toBeGreaterThan(50);
      expect(found.source.notes).toEqual(['it breaks off: the helper was killed, or goes on']);
    },
  );

  it('does not begin where it cannot be written, and says so', async () => {
    const { inspection, source } = inspectedActors();
    const opening = openRecording(inspection, source, path('nowhere/a'));
    await expect(opening).rejects.toMatchObject({ code: 'RECORDING_UNWRITABLE' });
  });

  it('is given up when it is closed and the disk does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { inspection, source, start } = inspectedActors();
    let appended = 0;
    const never = new Promise<never>(() => {});
    const file = {
      begin: async () => {},
      isThere: async () => true,
      append: () => (++appended > 1 ? never : Promise.resolve()),
      close: () => never,
    };
    const recording = await openRecording(inspection, source, path('a'), { file });
    start('a');
    const closed = recording.close();
    await vi.runAllTimersAsync();
    await closed;
    expect(appended).toBe(2);
  });
});
