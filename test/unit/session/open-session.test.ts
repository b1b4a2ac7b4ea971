import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobInstruction } from '../../../machines/types.js';
import type { HelperError } from '../../../src/errors.js';
import { NoRoom } from '../../../src/memory/metainfo-memory.js';
import { makeMetainfo } from '../../../src/metainfo/create/make-metainfo.js';
import type { Metainfo } from '../../../src/metainfo/metainfo.js';
import { encodeBacklog } from '../../../src/session/backlog.js';
import { openSession, type Session } from '../../../src/session/open-session.js';

let stateDir: string;
let folder: string;
let sessions: Session[];
const errors: HelperError[] = [];

beforeEach(async () => {
  stateDir = await realpath(await mkdtemp(join(tmpdir(), 'session-')));
  folder = join(stateDir, 'sessions', 'night');
  sessions = [];
  errors.length = 0;
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await rm(stateDir, { recursive: true, force: true });
});

async function open(): Promise<Session> {
  const onError = (error: HelperError) => errors.push(error);
  const session = await openSession({ stateDir, name: 'night', onError });
  sessions.push(session);
  return session;
}

/** Lets `task` happen in a session of its own, and all of it be written. */
async function inSession(task: (session: Session) => void): Promise<void> {
  const session = await open();
  task(session);
  await session.close();
}

const seed = (given: string): JobInstruction => ({ kind: 'seed', given });
const download = (given: string): JobInstruction => ({ kind: 'download', given });

async function makeTorrent(name: string): Promise<{ torrent: Metainfo; contentPath: string }> {
  const path = join(stateDir, name);
  await writeFile(path, `content of ${name}`);
  const announce = [['http://127.0.0.1:6969/announce']];
  const made = await makeMetainfo(
    { path, isPrivate: true, announce },
    new AbortController().signal,
  );
  return { torrent: made.metainfo, contentPath: made.contentPath };
}

async function jobFiles(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('job-')).sort();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await nextTurn();
  }
}

describe('a session', () => {
  it('begins empty', async () => {
    const session = await open();
    expect(session).toMatchObject({ lastId: 0, jobs: [], damaged: [], ports: {} });
  });

  it('gives the jobs back by id, with what became of them', async () => {
    const a = await makeTorrent('a');
    const b = await makeTorrent('b');
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: seed(a.contentPath) });
      session.record({ type: 'began', id: 2, instruction: download('magnet:?x') });
      session.record({ type: 'began', id: 3, instruction: download('b.torrent') });
      session.record({ type: 'began', id: 10, instruction: download('c.torrent') });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
      const reach = { kind: 'network', address: '203.0.113.1' } as const;
      session.record({ type: 'located', id: 3, located: { ...b, peers: [], reach } });
      session.record({ type: 'paused', id: 2, isPausedByUser: true });
      session.record({ type: 'paused', id: 3, isPausedByUser: true });
      session.record({ type: 'paused', id: 3, isPausedByUser: false });
      expect(session.lastId).toBe(10);
    });
    const session = await open();
    expect(session.lastId).toBe(10);
    expect(session.damaged).toEqual([]);
    expect(session.jobs).toEqual([
      {
        id: 1,
        instruction: seed(a.contentPath),
        isPaused: false,
        infoHash: a.torrent.infoHash,
        name: 'a',
        contentPath: a.contentPath,
      },
      { id: 2, instruction: download('magnet:?x'), isPaused: true },
      {
        id: 3,
        instruction: download('b.torrent'),
        isPaused: false,
        infoHash: b.torrent.infoHash,
        name: 'b',
        contentPath: b.contentPath,
        reach: { kind: 'network', address: '203.0.113.1' },
      },
      { id: 10, instruction: download('c.torrent'), isPaused: false },
    ]);
    expect(await session.readMetainfo(b.torrent.infoHash)).toEqual(b.torrent);
  });

  it('reads a torrent again later, where there was no memory for it', async () => {
    const a = await makeTorrent('a');
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: download('a.torrent') });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
    });
    const session = await open();
    const { infoHash } = a.torrent;
    const noRoom = new NoRoom('WAITING_FOR_MEMORY', 'none', 1);
    const parse = async () => Promise.reject(noRoom);
    const reading = session.readMetainfo(infoHash, { admit: () => {}, parse });
    await expect(reading).rejects.toBe(noRoom);
    expect(await session.readMetainfo(infoHash)).toEqual(a.torrent);
  });

  it('remembers a relative path as the absolute one that it was', async () => {
    await inSession((session) =>
      session.record({ type: 'began', id: 1, instruction: seed('data/a b') }),
    );
    const [job] = (await open()).jobs;
    expect(job).toMatchObject({ instruction: seed('data/a b'), contentPath: resolve('data/a b') });
  });

  it('saves every text as it was given', async () => {
    const texts = ['ä\u2028\ud83d\ude00', 'a\nb\u0000"\\', '\ud800', ' ', 'x'.repeat(70_000)];
    await inSession((session) => {
      texts.forEach((text, index) => {
        session.record({ type: 'began', id: index + 1, instruction: download(text) });
      });
    });
    const session = await open();
    expect(session.jobs.map(({ instruction }) => instruction.given)).toEqual(texts);
  });

  it('follows a move', async () => {
    const a = await makeTorrent('a');
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: download('a.torrent') });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
    });
    await inSession((session) =>
      session.record({
        type: 'located',
        id: 1,
        located: { ...a, contentPath: '/moved/a', peers: [] },
      }),
    );
    const session = await open();
    expect(session.jobs[0]?.contentPath).toBe('/moved/a');
    expect(await session.readMetainfo(a.torrent.infoHash)).toEqual(a.torrent);
  });

  it('does not bring back what ended, and drops a torrent with the last job that names it', async () => {
    const a = await makeTorrent('a');
    const torrents = () => readdir(join(folder, 'torrents'));
    await inSession((session) => {
      for (const id of [1, 2]) {
        session.record({ type: 'began', id, instruction: download('a.torrent') });
        session.record({ type: 'located', id, located: { ...a, peers: [] } });
      }
    });
    await inSession((session) => session.record({ type: 'ended', id: 1 }));
    expect(await jobFiles()).toEqual(['job-2.json']);
    expect(await torrents()).toEqual([`${a.torrent.infoHash}.torrent`]);
    await inSession((session) => session.record({ type: 'ended', id: 2 }));
    expect(await jobFiles()).toEqual([]);
    expect(await torrents()).toEqual([]);
  });

  it('never gives an id twice, though its job is gone or never was one', async () => {
    await inSession((session) => {
      session.record({ type: 'began', id: 7, instruction: seed('/a') });
    });
    await inSession((session) => session.record({ type: 'ended', id: 7 }));
    expect(await jobFiles()).toEqual([]);
    const failure = { code: 'INSTRUCTION_INVALID', message: '' } as const;
    await inSession((session) => {
      expect(session.lastId).toBe(7);
      session.record({
        type: 'began',
        id: 8,
        instruction: { kind: 'invalid', given: '', failure },
      });
    });
    const session = await open();
    expect(session).toMatchObject({ lastId: 8, jobs: [] });
  });

  it('has the highest id on disk before the file of its job goes', async () => {
    await inSession((session) => session.record({ type: 'began', id: 5, instruction: seed('/a') }));
    // A folder in its place: session.json cannot be written.
    await rm(join(folder, 'session.json'), { force: true });
    await mkdir(join(folder, 'session.json'));
    await inSession((session) => session.record({ type: 'ended', id: 5 }));
    expect(await jobFiles()).toEqual(['job-5.json']);
    expect(errors.map(({ code }) => code)).toEqual(['STATE_UNWRITABLE']);
  });

  it('ignores entries of jobs it does not know, and entries after its end', async () => {
    const a = await makeTorrent('a');
    const session = await open();
    session.record({ type: 'paused', id: 3, isPausedByUser: true });
    session.record({ type: 'located', id: 3, located: { ...a, peers: [] } });
    await session.close();
    session.record({ type: 'began', id: 4, instruction: seed('/a') });
    session.savePorts({ peerPort: 1 });
    await session.close();
    expect(await open()).toMatchObject({ lastId: 0, jobs: [], ports: {} });
  });

  it('lets a job that came back begin again without forgetting what is known of it', async () => {
    const a = await makeTorrent('a');
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: seed('/a') });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
    });
    await inSession((session) => session.record({ type: 'began', id: 1, instruction: seed('/a') }));
    expect((await open()).jobs[0]?.infoHash).toBe(a.torrent.infoHash);
  });

  it('writes nothing anew of a job that came back and is found as it was', async () => {
    const a = await makeTorrent('a');
    const story = (session: Session) => {
      session.record({ type: 'began', id: 1, instruction: seed(a.contentPath) });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
    };
    await inSession(story);
    const { ino } = await stat(join(folder, 'job-1.json'));
    await inSession(story);
    expect((await stat(join(folder, 'job-1.json'))).ino).toBe(ino);
    await inSession((session) => {
      const moved = { ...a, contentPath: '/elsewhere/a', peers: [] };
      session.record({ type: 'located', id: 1, located: moved });
    });
    expect((await open()).jobs).toMatchObject([{ contentPath: '/elsewhere/a' }]);
  });

  it('saves the ports', async () => {
    await inSession((session) => {
      session.savePorts({ peerPort: 6881, trackerPort: 6969 });
      session.savePorts({ peerPort: 6882, trackerPort: 6969 });
    });
    await inSession((session) => session.record({ type: 'began', id: 1, instruction: seed('/a') }));
    expect((await open()).ports).toEqual({ peerPort: 6882, trackerPort: 6969 });
  });

  it('writes in the background what a person can read, and leaves nothing else', async () => {
    const session = await open();
    session.record({ type: 'began', id: 1, instruction: download('http://host/a.torrent') });
    session.savePorts({ trackerPort: 6969 });
    await until(async () => (await readdir(folder)).includes('session.json'));
    await until(async () => (await jobFiles()).length === 1);
    const text = await readFile(join(folder, 'job-1.json'), 'utf8');
    expect(text).toBe(
      `{
  "version": 1,
  "id": 1,
  "instruction": {
    "kind": "download",
    "given": "http://host/a.torrent"
  },
  "isPaused": false,
  "checksum": "CHECKSUM"
}
`.replace('CHECKSUM', /[0-9a-f]{64}/.exec(text)?.[0] ?? 'none'),
    );
    await session.close();
    expect((await readdir(folder)).sort()).toEqual(['job-1.json', 'session.json', 'torrents']);
    if (process.platform !== 'win32') expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('loses none of hundreds of jobs when it is closed at once', async () => {
    const ids = Array.from({ length: 500 }, (_, index) => index + 1);
    await inSession((session) => {
      for (const id of ids) session.record({ type: 'began', id, instruction: seed(`/srv/${id}`) });
    });
    await inSession((session) => {
      expect(session.jobs.map(({ id }) => id)).toEqual(ids);
      expect(session.jobs.at(-1)).toMatchObject({ instruction: seed('/srv/500') });
      for (const id of ids) session.record({ type: 'ended', id });
    });
    expect(await open()).toMatchObject({ jobs: [], lastId: 500 });
    expect(await readdir(folder)).not.toContain('backlog.json');
    expect(errors).toEqual([]);
  });

  it('says when what was recorded is on disk', async () => {
    const session = await open();
    await session.settled();
    session.record({ type: 'began', id: 1, instruction: seed('/a') });
    await session.settled();
    expect(await jobFiles()).toEqual(['job-1.json']);
    await rm(folder, { recursive: true });
    session.record({ type: 'paused', id: 1, isPausedByUser: true });
    await expect(session.settled()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });

  it('goes on when it cannot be written, says so once, and writes all when it can', async () => {
    const session = await open();
    // A file where the folder was.
    const aside = `${folder}-aside`;
    await rename(folder, aside);
    await writeFile(folder, '');
    for (let id = 1; id <= 5; id++) {
      session.record({ type: 'began', id, instruction: seed(`/srv/${id}`) });
    }
    await until(async () => errors.length > 0);
    await rm(folder);
    await rename(aside, folder);
    session.record({ type: 'paused', id: 1, isPausedByUser: true });
    await until(async () => (await jobFiles()).length === 5);
    await session.close();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: expect.stringContaining(folder),
    });
    expect((await open()).jobs[0]?.isPaused).toBe(true);
  });

  it('cannot be opened where no folder can be made', async () => {
    await writeFile(join(stateDir, 'sessions'), '');
    await expect(open()).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
  });
});

describe('a damaged session', () => {
  const good = JSON.stringify({
    version: 1,
    id: 2,
    instruction: { kind: 'seed', given: '/b' },
    isPaused: false,
    more: 'of a later version',
  });

  async function write(name: string, content: string | Uint8Array): Promise<string> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), content);
    return join(folder, name);
  }
  const job = (change: object) => JSON.stringify({ ...JSON.parse(good), id: 3, ...change });

  it.each([
    ['an empty file', ''],
    ['half a file', good.slice(0, 30)],
    ['null', 'null'],
    ['a list', '[]'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['no version', job({ version: undefined })],
    ['another version', job({ version: 2 })],
    ['another id', job({ id: 4 })],
    ['an id of another type', job({ id: '3' })],
    ['no instruction', job({ instruction: null })],
    ['an unknown kind', job({ instruction: { kind: 'invalid', given: 'x' } })],
    ['nothing given', job({ instruction: { kind: 'seed', given: '' } })],
    ['a wrong flag', job({ isPaused: 1 })],
    ['a wrong info hash', job({ infoHash: '../../x' })],
    ['a relative content path', job({ contentPath: 'x' })],
    ['a nesting without end', '['.repeat(100_000)],
  ])('costs one job where its file holds %s', async (_, content) => {
    await write('job-2.json', good);
    const path = await write('job-3.json', content);
    const session = await open();
    expect(session.jobs.map(({ id }) => id)).toEqual([2]);
    expect(session.lastId).toBe(3);
    expect(session.damaged).toHaveLength(1);
    expect(session.damaged[0]).toMatchObject({
      code: 'SESSION_DAMAGED',
      message: expect.stringContaining(`${path}.damaged`),
    });
    expect(await readFile(`${path}.damaged`)).toEqual(Buffer.from(content));
    await session.close();
    expect(await open()).toMatchObject({ lastId: 3, damaged: [] });
  });

  it.each([
    [{ kind: 'document' }, { kind: 'document' }],
    [{ kind: 'network' }, { kind: 'network', address: undefined }],
    [
      { kind: 'network', address: 7 },
      { kind: 'network', address: undefined },
    ],
    [{ kind: 'user' }, undefined],
    ['user', undefined],
    [null, undefined],
  ])(
    'takes the reach %j of a job for %j, which is never more than it may be',
    async (reach, taken) => {
      await write('job-3.json', job({ reach }));
      const [saved] = (await open()).jobs;
      expect(saved?.reach).toEqual(taken);
    },
  );

  it('costs one job where one bit of its file is flipped', async () => {
    await inSession((session) => {
      for (const id of [1, 2])
        session.record({ type: 'began', id, instruction: seed('/srv/data') });
    });
    const written = await readFile(join(folder, 'job-2.json'), 'latin1');
    await write('job-2.json', written.replaceAll('/srv/data', '/srv/eata'));
    const session = await open();
    expect(session.jobs.map(({ id }) => id)).toEqual([1]);
    expect(session.damaged[0]?.message).toContain('job-2.json.damaged does not match its checksum');
    expect(await readFile(join(folder, 'job-2.json.damaged'), 'utf8')).toContain('/srv/eata');
  });

  it('has its ports and its last id from nowhere but a whole session.json', async () => {
    await inSession((session) => {
      session.record({ type: 'began', id: 3, instruction: seed('/a') });
      session.record({ type: 'ended', id: 3 });
      session.savePorts({ peerPort: 6881 });
    });
    const written = await readFile(join(folder, 'session.json'), 'utf8');
    const path = await write('session.json', written.replace('6881', '6885'));
    const session = await open();
    expect(session.ports).toEqual({});
    expect(session.damaged[0]?.message).toContain(`${path}.damaged does not match its checksum`);
  });

  it('takes up what was changed by hand, once the checksum is out', async () => {
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: seed('/a') });
    });
    const { checksum, ...fields } = JSON.parse(await readFile(join(folder, 'job-1.json'), 'utf8'));
    await write('job-1.json', JSON.stringify({ ...fields, isPaused: true }));
    const session = await open();
    expect(session.damaged).toEqual([]);
    expect(session.jobs).toMatchObject([{ id: 1, isPaused: true }]);
  });

  it('costs one job where its file is huge', async () => {
    await write('job-2.json', good);
    await truncate(await write('job-3.json', ''), 20 * 1024 ** 3);
    const session = await open();
    expect(session.jobs.map(({ id }) => id)).toEqual([2]);
    expect(session.damaged[0]?.message).toContain('is too large');
  });

  it.skipIf(process.platform === 'win32')(
    'leaves in its place what is no file, or cannot be read now',
    async () => {
      await write('job-2.json', good);
      await mkdir(join(folder, 'job-3.json'));
      await symlink('job-2.json', join(folder, 'job-4.json'));
      await chmod(await write('job-5.json', good), 0);
      const session = await open();
      expect(session.jobs.map(({ id }) => id)).toEqual([2]);
      expect(session.lastId).toBe(5);
      expect(await jobFiles()).not.toContain('job-3.json.damaged');
      expect(await jobFiles()).not.toContain('job-4.json.damaged');
    },
  );

  it('takes from a backlog what is newer than the files of the jobs, once', async () => {
    await write('job-2.json', good);
    await write('job-3.json', job({}));
    const paused = { ...JSON.parse(good), isPaused: true };
    const begun = { id: 5, instruction: seed('/e'), isPaused: false };
    const backlog = { version: 1, jobs: [paused, begun], ended: [3, 9] };
    await write('backlog.json', JSON.stringify(backlog));
    for (const times of [1, 2]) {
      const session = await open();
      expect(session.damaged, `time ${times}`).toEqual([]);
      expect(session.lastId).toBe(9);
      expect(session.jobs).toEqual([
        { id: 2, instruction: seed('/b'), isPaused: true },
        { id: 5, instruction: seed('/e'), isPaused: false },
      ]);
      await session.close();
      expect(await jobFiles()).toEqual(['job-2.json', 'job-5.json']);
      expect(await readdir(folder)).not.toContain('backlog.json');
    }
  });

  it('does without a backlog of which one bit is flipped', async () => {
    await write('job-2.json', good);
    const ended = Buffer.from(encodeBacklog({ jobs: [], ended: [2] })).toString();
    await write('backlog.json', ended.replace(/\b2\b/, '3'));
    const session = await open();
    expect(session.jobs).toHaveLength(1);
    expect(session.damaged[0]?.message).toContain('backlog.json.damaged does not match');
  });

  it('does without a backlog that is damaged', async () => {
    await write('job-2.json', good);
    await write('backlog.json', '{"version":1,"jobs":[null],"ended":[]}');
    const session = await open();
    expect(session.jobs).toHaveLength(1);
    expect(session.damaged[0]?.message).toContain('backlog.json.damaged');
  });

  it('comes back with its jobs where session.json is damaged', async () => {
    await write('job-2.json', good);
    await write('job-9.json.damaged', '');
    for (const content of [
      '',
      'null',
      '{"version":1,"lastId":-1}',
      '{"version":1,"lastId":1e99}',
    ]) {
      const path = await write('session.json', content);
      const session = await open();
      expect(session).toMatchObject({ lastId: 9, ports: {} });
      expect(session.jobs).toHaveLength(1);
      expect(session.damaged[0]?.message).toContain(path);
      await session.close();
    }
  });

  it('gives a job back without its torrent where that is missing or another', async () => {
    const a = await makeTorrent('a');
    const b = await makeTorrent('b');
    await inSession((session) => {
      session.record({ type: 'began', id: 1, instruction: download('a.torrent') });
      session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
      session.record({ type: 'began', id: 2, instruction: download('b.torrent') });
      session.record({ type: 'located', id: 2, located: { ...b, peers: [] } });
    });
    const torrent = (infoHash: string) => join(folder, 'torrents', `${infoHash}.torrent`);
    await writeFile(torrent(a.torrent.infoHash), await readFile(torrent(b.torrent.infoHash)));
    await rm(torrent(b.torrent.infoHash));
    const session = await open();
    expect(session.jobs).toHaveLength(2);
    expect(await session.readMetainfo(a.torrent.infoHash)).toBeUndefined();
    expect(await session.readMetainfo(b.torrent.infoHash)).toBeUndefined();
    // Fetched again, it is saved again.
    session.record({ type: 'located', id: 1, located: { ...a, peers: [] } });
    session.record({ type: 'located', id: 2, located: { ...b, peers: [] } });
    await session.close();
    const next = await open();
    expect(await next.readMetainfo(a.torrent.infoHash)).toEqual(a.torrent);
    expect(await next.readMetainfo(b.torrent.infoHash)).toEqual(b.torrent);
  });

  it('is cleared of what was half written, and of torrents that no job names', async () => {
    await write('job-2.json', good);
    await write('.bittorrent-helper-1.tmp', 'half');
    await write('notes of the user', 'x');
    await mkdir(join(folder, 'torrents'));
    await write(join('torrents', `${'a'.repeat(40)}.torrent`), 'x');
    await write(join('torrents', '.bittorrent-helper-2.tmp'), 'half');
    await open();
    expect((await readdir(folder)).sort()).toEqual(['job-2.json', 'notes of the user', 'torrents']);
    expect(await readdir(join(folder, 'torrents'))).toEqual([]);
  });

  it('never throws, and never costs another job, whatever the bytes of a file', async () => {
    const anyFile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            version: fc.constantFrom(1, 2, '1', null),
            id: fc.constantFrom(3, 2, '3'),
            instruction: fc.oneof(
              fc.record({ kind: fc.constantFrom('seed', 'download', 'x'), given: fc.string() }),
              fc.jsonValue(),
            ),
            isPaused: fc.oneof(fc.boolean(), fc.jsonValue()),
            infoHash: fc.oneof(fc.constant('a'.repeat(40)), fc.jsonValue()),
            contentPath: fc.oneof(fc.constant('/x'), fc.jsonValue()),
            reach: fc.oneof(fc.record({ kind: fc.constant('network') }), fc.jsonValue()),
            __proto__: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((fields) => Buffer.from(JSON.stringify(fields))),
    );
    await fc.assert(
      fc.asyncProperty(anyFile, anyFile, async (jobBytes, sessionBytes) => {
        await write('job-2.json', good);
        await write('job-3.json', jobBytes);
        await write('session.json', sessionBytes);
        const session = await open();
        expect(session.jobs[0]).toEqual({ id: 2, instruction: seed('/b'), isPaused: false });
        expect(session.lastId).toBeGreaterThanOrEqual(3);
        const lost = session.damaged.filter(({ message }) => message.includes('job-3.json'));
        expect(session.jobs.length + lost.length).toBe(2);
        await session.close();
        await rm(folder, { recursive: true });
      }),
      { numRuns: 100 },
    );
  });
});
