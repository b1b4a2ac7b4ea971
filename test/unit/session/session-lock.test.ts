import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/session/open-session.js';
import { lockSession } from '../../../src/session/session-lock.js';
import { buildSessionProgram, type SessionProcess } from '../../support/session/session-process.js';

let start: Awaited<ReturnType<typeof buildSessionProgram>>;
let programDir: string;
let stateDir: string;
let processes: SessionProcess[];

beforeAll(async () => {
  programDir = await mkdtemp(join(tmpdir(), 'session-program-'));
  start = await buildSessionProgram(programDir);
});
afterAll(() => rm(programDir, { recursive: true }));
beforeEach(async () => {
  stateDir = await realpath(await mkdtemp(join(tmpdir(), 'session-lock-')));
  processes = [];
});
afterEach(async () => {
  await Promise.all(processes.map((each) => each.kill()));
  await rm(stateDir, { recursive: true });
});

async function startSome(count: number, name = 'night'): Promise<SessionProcess[]> {
  const started = await Promise.all(Array.from({ length: count }, () => start(stateDir, name)));
  processes.push(...started);
  return started;
}

describe('the lock of a session', () => {
  it('goes to one of many processes that start at once', async () => {
    for (let round = 0; round < 3; round++) {
      const some = await startSome(5, `round ${round}`);
      const outcomes = await Promise.all(some.map((each) => each.open()));
      expect(outcomes.sort()).toEqual([...Array(4).fill('SESSION_BUSY'), 'open']);
    }
  });

  it('goes with a process that is killed', async () => {
    const some = await startSome(3);
    for (const each of some) {
      expect(await each.open()).toBe('open');
      await each.kill();
    }
  });

  it('is another one for every name and every state dir', async () => {
    const [one] = await startSome(1, 'one');
    const [other] = await startSome(1, 'other');
    expect(await one?.open()).toBe('open');
    expect(await other?.open()).toBe('open');
  });

  it('names the session that is taken, and what to do', async () => {
    const [holder] = await startSome(1);
    await holder?.open();
    await expect(openSession({ stateDir, name: 'night' })).rejects.toMatchObject({
      code: 'SESSION_BUSY',
      message:
        'session night is in use by another helper; stop that one first, or choose another --session',
    });
  });

  it('locks within one process too, until it is released', async () => {
    const first = await openSession({ stateDir, name: 'night' });
    await expect(openSession({ stateDir, name: 'night' })).rejects.toMatchObject({
      code: 'SESSION_BUSY',
    });
    await first.close();
    await (await openSession({ stateDir, name: 'night' })).close();
  });

  it('does not depend on how long the path is', async () => {
    const folder = join(stateDir, 'x'.repeat(250), 'y'.repeat(250));
    const lock = await lockSession(folder);
    expect(await lockSession(folder)).toBeUndefined();
    await lock?.release();
  });
});
