// What a session keeps of what its user chose for a job: its key, its folder, its metainfo; and when it was given and done.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobInstruction } from '../../../machines/types.js';
import { encodeChecked } from '../../../src/files/versioned-json.js';
import { MetainfoBytes } from '../../../src/metainfo/metainfo-bytes.js';
import { openSession, type Session } from '../../../src/session/open-session.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';

const sessions: Session[] = [];

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});

async function open(stateDir: string): Promise<Session> {
  const session = await openSession({ stateDir, name: 'night' });
  sessions.push(session);
  return session;
}

/** What the next session of that folder knows of the job that this one began. */
async function keptOf(instruction: JobInstruction, stateDir: string) {
  const session = await open(stateDir);
  session.record({ type: 'began', id: 1, instruction, addedMs: 5 });
  session.record({ type: 'done', id: 1, doneMs: 7 });
  session.record({ type: 'done', id: 1, doneMs: 9 });
  await session.close();
  return (await open(stateDir)).jobs;
}

const uncounted = () => {};
const { signal } = new AbortController();

describe('a session', () => {
  it.each<JobInstruction>([
    { kind: 'seed', given: '/srv/a', key: 'mine' },
    { kind: 'download', given: 'magnet:?x', key: 'mine', dir: '/srv/own', paused: true },
    { kind: 'download', given: 'magnet:?x' },
  ])('brings $kind $given back as it was given', async (instruction) => {
    const [job] = await keptOf(instruction, await scratchFolder());
    const isPaused = instruction.kind === 'download' && instruction.paused === true;
    expect(job).toMatchObject({ instruction, isPaused, addedMs: 5, doneMs: 7 });
    expect(Object.keys(job?.instruction ?? {})).toEqual(Object.keys(instruction));
  });

  it('keeps metainfo that came with a job beside it, and no longer in memory', async () => {
    const stateDir = await scratchFolder();
    const waiting = { lengthBytes: 0 };
    const metainfo = MetainfoBytes.of(Buffer.from('d4:infode'));
    metainfo.wait(waiting);
    expect(waiting.lengthBytes).toBe(9);
    const [job] = await keptOf({ kind: 'download', given: 'metainfo:x', metainfo }, stateDir);
    expect(waiting.lengthBytes).toBe(0);
    expect(Buffer.from(await metainfo.read(signal, uncounted)).toString()).toBe('d4:infode');
    const kept = job?.instruction.kind === 'download' ? job.instruction.metainfo : undefined;
    expect(kept?.digest).toBe(metainfo.digest);
    expect(Buffer.from((await kept?.read(signal, uncounted)) ?? '').toString()).toBe('d4:infode');
    const path = join(stateDir, 'sessions', 'night', 'job-1.torrent');
    await writeFile(path, 'd4:info');
    await expect(kept?.read(signal, uncounted)).rejects.toMatchObject({
      code: 'TORRENT_NOT_FOUND',
    });
    await rm(path);
    await expect(kept?.read(signal, uncounted)).rejects.toMatchObject({
      code: 'TORRENT_NOT_FOUND',
    });
  });

  it('clears away metainfo whose job is no more', async () => {
    const stateDir = await scratchFolder();
    await keptOf({ kind: 'seed', given: '/srv/a' }, stateDir);
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    const folder = join(stateDir, 'sessions', 'night');
    for (const id of [1, 2]) await writeFile(join(folder, `job-${id}.torrent`), 'de');
    await open(stateDir);
    expect((await readdir(folder)).filter((name) => name.endsWith('.torrent'))).toEqual([
      'job-1.torrent',
    ]);
  });

  it.each([{ key: 1 }, { key: '' }, { dir: 'near' }, { dir: 1 }, { metainfo: 1 }])(
    'takes a job for damaged that says %o',
    async (said) => {
      const stateDir = await scratchFolder();
      await keptOf({ kind: 'download', given: 'magnet:?x' }, stateDir);
      await Promise.all(sessions.splice(0).map((session) => session.close()));
      const path = join(stateDir, 'sessions', 'night', 'job-1.json');
      const { version, checksum, ...fields } = JSON.parse(await readFile(path, 'utf8'));
      expect([version, checksum]).not.toContain(undefined);
      const instruction = { ...fields.instruction, ...said };
      await writeFile(path, encodeChecked(version, { ...fields, instruction }));
      const { jobs, damaged } = await open(stateDir);
      expect(jobs).toEqual([]);
      expect(damaged.map(({ code }) => code)).toEqual(['SESSION_DAMAGED']);
    },
  );
});
