import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readRecording } from '../../../../src/inspection/recording/read-recording.js';
import { startInspector } from '../../../../src/inspection/server/start-inspector.js';
import type { PageMessage } from '../../../../src/inspection/told/page-messages.js';
import { useScratchFolder } from '../../../support/disks/scratch-folder.js';
import { actorsNow, recordsOf } from '../../../support/inspection/inspected-actors.js';
import {
  header,
  made,
  recordingText,
  state,
  took,
} from '../../../support/inspection/sample-recording.js';

const path = useScratchFolder();
const ended = { type: 'ended', timeMs: 9_000 };

async function reading(text: string | Uint8Array) {
  await writeFile(path('a'), text);
  return readRecording(path('a'));
}

describe('a recording that is read', () => {
  it('is told to a page as it was seen', async () => {
    const recording = await reading(
      recordingText(
        { ...header, nextSeq: 5 },
        { type: 'actors', actors: [state(1, 'before')] },
        { type: 'actors', actors: [state(2, 'before')] },
        made(5, 3, 1),
        took(6, 3, 'a'),
        ended,
      ),
    );
    const inspector = await startInspector(recording);
    onTestFinished(() => inspector.close());
    const messages = await messagesOf(inspector.url);
    expect(messages).toEqual([
      {
        type: 'began',
        source: {
          kind: 'recording',
          version: '1.2.3',
          pid: 7,
          file: 'a',
          beganMs: 1_000,
          notes: [],
        },
        lostRecords: 4,
      },
      { type: 'actors', actors: [state(1, 'before'), state(2, 'before')] },
      { type: 'records', records: [made(5, 3, 1), took(6, 3, 'a')] },
      { type: 'caughtUp' },
    ]);
  });

  it('goes back to the older one beside it, if that is of the same helper', async () => {
    const older = recordingText(header, made(1, 1), took(2, 1, 'a'));
    const newer = recordingText(
      { ...header, nextSeq: 3 },
      { type: 'actors', actors: [state(1, 'a')] },
      took(3, 1, 'b'),
      ended,
    );
    await writeFile(path('a.1'), older);
    expect(recordsOf(await reading(newer)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await writeFile(path('a.1'), older.replace('"pid":7', '"pid":8'));
    const alone = await reading(newer);
    expect(recordsOf(alone)).toEqual([took(3, 1, 'b')]);
    expect(actorsNow(alone)['job-1']?.context).toEqual({ file: '/srv/a', text: 'b' });
  });

  it('tells what became of each actor where records are missing, as an event of its own', async () => {
    const recording = await reading(
      recordingText(
        header,
        made(1, 1),
        made(2, 2),
        made(3, 3),
        { type: 'lost', records: 10 },
        { type: 'actors', actors: [state(1, 'later'), state(4, 'new')] },
        took(14, 1, 'last'),
        ended,
      ),
    );
    const records = recordsOf(recording);
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const gap = { type: 'transition', event: { type: 'recording.gap' }, taken: [], timeMs: 1_014 };
    expect(records.slice(3, 7)).toMatchObject([
      { ...gap, actor: 1, changed: { text: 'later' }, value: { active: { joined: 'seeding' } } },
      { type: 'actor', actor: 4, context: { text: 'new' } },
      { ...gap, actor: 2, status: 'stopped' },
      { ...gap, actor: 3, status: 'stopped' },
    ]);
    expect(recording.source.notes).toEqual([
      '10 records are missing, which the disk was too slow for',
    ]);
  });

  it('may be torn in its last line, and says that it breaks off', async () => {
    const text = recordingText(header, made(1, 1), took(2, 1, 'a'));
    const recording = await reading(text.slice(0, -20));
    expect(recordsOf(recording)).toEqual([made(1, 1)]);
    expect(recording.source.notes).toEqual(['it breaks off: the helper was killed, or goes on']);
  });

  it('leaves out and counts what is no record, or comes twice', async () => {
    const good = [made(1, 1), took(2, 1, 'a'), took(3, 1, 'b')] as const;
    const text = recordingText(
      header,
      good[0],
      { type: 'transition' },
      [],
      { type: 'other' },
      good[1],
      good[1],
      good[2],
      ended,
    );
    const recording = await reading(`${text}\xff\n{"a":\n\n${'x'.repeat(2 ** 20 + 1)}\n`);
    expect(recordsOf(recording)).toEqual(good);
    expect(recording.source.notes).toContain('8 lines could not be read, and are left out');
  });

  it('lets no actor be its own parent’s parent', async () => {
    const recording = await reading(
      recordingText(header, made(1, 1, 2), made(2, 2, 1), made(3, 3, 3), made(4, 4, 1), ended),
    );
    expect(recordsOf(recording).map(({ actor }) => actor)).toEqual([1, 4]);
  });

  it.each([
    ['nothing', undefined, 'there is nothing at that path'],
    ['an empty file', '', 'it is no recording of an inspector'],
    ['another file', '{"type":"other"}\n', 'it is no recording of an inspector'],
    [
      'one of a later format',
      recordingText({ ...header, format: 2 }),
      'its format is 2; npx bittorrent-helper@1.2.3 inspect FILE reads it',
    ],
    [
      'a version that is no version',
      recordingText({ ...header, version: '1.0.0; rm -rf ~' }),
      'it is no recording of an inspector',
    ],
  ])('is refused in one sentence where there is %s', async (_, text, why) => {
    if (text !== undefined) await writeFile(path('a'), text);
    await expect(readRecording(path('a'))).rejects.toMatchObject({
      code: 'RECORDING_UNREADABLE',
      message: `${path('a')} cannot be opened: ${why.replace('FILE', path('a'))}`,
    });
  });

  it('may be reached by a link, but is no folder and no device', async () => {
    await writeFile(path('a'), recordingText(header));
    await symlink(path('a'), path('link'));
    expect((await readRecording(path('link'))).nextSeq).toBe(1);
    await mkdir(path('folder'));
    for (const other of [path('folder'), '/dev/zero']) {
      await expect(readRecording(other)).rejects.toMatchObject({
        message: `${other} cannot be opened: it is no regular file`,
      });
    }
  });

  it('costs no more than its limit, however long it is', async () => {
    const file = await open(path('a'), 'w');
    await file.write(recordingText(header, made(1, 1)));
    await file.write('x', 2 ** 40);
    await file.close();
    const recording = await readRecording(path('a'), { readBytes: 2 ** 20 });
    expect(recordsOf(recording)).toEqual([made(1, 1)]);
    expect(recording.source.notes).toContain(
      'it is longer than any that is written, and only its beginning is shown',
    );
  });

  it('is read no further than its first ten thousand lines that are none', async () => {
    const text = recordingText(header, made(1, 1));
    const recording = await reading(`${text}${'\n'.repeat(20_000)}${recordingText(made(2, 2))}`);
    expect(recordsOf(recording)).toEqual([made(1, 1)]);
    expect(recording.source.notes).toEqual([
      'it breaks off: the helper was killed, or goes on',
      '10000 lines could not be read, and are left out',
      'it is longer than any that is written, and only its beginning is shown',
    ]);
  });

  it('is given up when it is told to', async () => {
    await writeFile(path('a'), recordingText(header, made(1, 1)));
    const opening = readRecording(path('a'), {
      signal: AbortSignal.abort(new Error('enough')),
    });
    await expect(opening).rejects.toThrow('enough');
  });
});

async function messagesOf(url: string): Promise<readonly PageMessage[]> {
  const messages: PageMessage[] = [];
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const { body } = await fetch(`${url}events`, { signal: stop.signal });
  let text = '';
  for await (const bytes of body ?? []) {
    text += Buffer.from(bytes).toString();
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) messages.push(JSON.parse(part.replace(/^data: /, '')));
    if (messages.at(-1)?.type === 'caughtUp') break;
  }
  return messages;
}
