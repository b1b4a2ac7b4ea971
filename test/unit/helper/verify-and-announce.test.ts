// A job that its user has read its content again, or ask its trackers: what becomes of it in each of its states.
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Diagnostic, Job } from '../../../src/index.js';
import { rewriteInPlace, withBitFlipped } from '../../support/disks/content-files.js';
import { scratchFolder } from '../../support/disks/scratch-folder.js';
import { all, file, helper, linesOf } from '../../support/helper/library-setup.js';
import { freePort } from '../../support/processes/free-port.js';
import { MiB } from '../../support/sizes.js';
import { httpTracker } from '../../support/trackers/fake-trackers.js';
import { until } from '../../support/waiting.js';

/** An info hash that nobody has: a download of it waits for ever. */
const nowhere = 'a'.repeat(40);

const failing = (code: string) => expect.objectContaining({ name: 'HelperError', code });

const failure = (code: string) => expect.objectContaining({ code });

const damage = (path: string, position = 50_000) =>
  rewriteInPlace(path, (bytes) => withBitFlipped(bytes, position));

/** A seed, and a download of it, complete. */
async function downloaded() {
  const { path, bytes } = await file();
  const to = await scratchFolder();
  const told: Diagnostic[] = [];
  const seeder = await helper();
  const leecher = await helper({ downloadDir: to, onDiagnostic: (each) => void told.push(each) });
  const seed = seeder.seed(path);
  const { torrentFile } = await seed.published;
  const job = leecher.download(torrentFile);
  await job.done;
  return { seed, seeder, job, leecher, path, bytes, copy: join(to, basename(path)), told };
}

const of = (told: readonly Diagnostic[], kind: Diagnostic['kind']) =>
  told.filter((each) => each.kind === kind);

const seeding = (job: Job) => until(() => job.state === 'seeding', 'seeding');

describe('verify', () => {
  it('of content that is as it was resolves while the job goes on seeding, and says so once', async () => {
    const { seed, job, leecher, told } = await downloaded();
    const changes = all(job.changes({ until: 'end' }));
    await Promise.all([job.verify(), job.verify(), seed.verify()]);
    expect([job.state, seed.state]).toEqual(['seeding', 'seeding']);
    expect(of(told, 'verified')).toEqual([
      { kind: 'verified', id: job.id, file: job.file, missingBytes: 0 },
    ]);
    await leecher.close();
    expect((await changes).map(({ state }) => state)).toEqual(['seeding', 'removed']);
  });

  it('of a download that was damaged resolves when that is found, and what is bad is fetched again', async () => {
    const { job, leecher, bytes, copy, told } = await downloaded();
    const changes = all(job.changes({ until: 'end' }));
    await damage(copy);
    await job.verify();
    await seeding(job);
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    await leecher.close();
    const missing = told.flatMap((each) => (each.kind === 'verified' ? [each.missingBytes] : []));
    expect(missing).toEqual([16_384, 0]);
    const heard = await changes;
    expect(linesOf(heard).map(({ percent }) => percent)).toEqual([100]);
    expect(heard.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['checking', 'downloading', 'seeding']),
    );
    expect(of(told, 'done')).toHaveLength(1);
  });

  it('of a download whose file is gone fetches it again', async () => {
    const { job, bytes, copy } = await downloaded();
    await rm(copy);
    await job.verify();
    await seeding(job);
    expect((await readFile(copy)).equals(bytes)).toBe(true);
  });

  it('of a seed that is not what was published rejects, and is over when it is so again', async () => {
    const { path } = await file();
    const told: Diagnostic[] = [];
    const one = await helper({ onDiagnostic: (each) => void told.push(each) });
    const seed = one.seed(path);
    await seed.published;
    await damage(path);
    await expect(seed.verify()).rejects.toEqual(failing('CONTENT_CHANGED'));
    expect(seed.state).toBe('seeding');
    await damage(path);
    await seed.verify();
    await rm(path);
    await expect(seed.verify()).rejects.toEqual(failing('DISK_GONE'));
    await one.close();
    expect(of(told, 'warning')).toEqual([
      expect.objectContaining({ command: 'verify', failure: failure('CONTENT_CHANGED') }),
      expect.objectContaining({ command: 'verify', failure: failure('DISK_GONE') }),
    ]);
  });

  it('of a download that is under way reads what it has, and goes on with the rest', async () => {
    const { path, bytes } = await file(4 * MiB);
    const seeder = await helper({ up: MiB });
    const { torrentFile } = await seeder.seed(path).published;
    const to = await scratchFolder();
    const leecher = await helper({ downloadDir: to });
    const job = leecher.download(torrentFile);
    const changes = all(job.changes());
    await until(() => (job.percent ?? 0) > 10, 'under way');
    await job.verify();
    expect(job.state).not.toBe('seeding');
    await job.done;
    expect((await readFile(join(to, basename(path)))).equals(bytes)).toBe(true);
    const percents = linesOf(await changes).map(({ percent }) => percent);
    expect(percents).toEqual([...new Set(percents)].sort((one, other) => one - other));
  });

  it('of a job that is paused is done when it goes on, and of one that is over is not', async () => {
    const { job, bytes, copy } = await downloaded();
    await job.pause();
    await damage(copy);
    const verifying = job.verify();
    await job.resume();
    await verifying;
    await seeding(job);
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    await job.remove();
    await expect(job.verify()).rejects.toEqual(failing('JOB_UNKNOWN'));
  });

  it('of a job that waits for its turn is done when that has come', async () => {
    const { path } = await file();
    const one = await helper({ maxActive: 1 });
    const first = one.download(nowhere);
    const second = one.seed(path);
    expect(second.state).toBe('queued');
    const verifying = second.verify();
    await expect(second.announce()).rejects.toEqual(failing('REFUSED'));
    await first.remove();
    await verifying;
    expect(second.state).toBe('seeding');
  });

  it('ends with the job, and without it when that is over first', async () => {
    const one = await helper();
    const job = one.download(nowhere);
    const verifying = job.verify();
    await job.remove();
    await expect(verifying).rejects.toEqual(failing('REMOVED'));
  });
});

describe('announce', () => {
  it('resolves when a tracker has accepted it, and tells so', async () => {
    const { path } = await file();
    const told: Diagnostic[] = [];
    const one = await helper({ onDiagnostic: (each) => void told.push(each) });
    const seed = one.seed(path);
    await seed.published;
    await Promise.all([seed.announce(), seed.announce()]);
    await one.close();
    expect(of(told, 'announced')).toEqual([{ kind: 'announced', id: seed.id, file: seed.file }]);
  });

  it('rejects where no tracker can be reached, where there is none, and in no swarm', async () => {
    const { path } = await file();
    const away = await helper({ tracker: `http://127.0.0.1:${await freePort()}/announce` });
    const seed = away.seed(path);
    await until(() => seed.state === 'registering', 'registering');
    await expect(seed.announce()).rejects.toEqual(failing('TRACKER_UNREACHABLE'));
    await seed.pause();
    await expect(seed.announce()).rejects.toEqual(failing('REFUSED'));
    const open = await helper({ public: true, noTracker: true });
    const untracked = open.seed(path);
    await untracked.published;
    await expect(untracked.announce()).rejects.toEqual(failing('REFUSED'));
    const fetching = open.download(nowhere);
    await expect(fetching.announce()).rejects.toEqual(failing('REFUSED'));
  });
});

describe('what is said of trackers', () => {
  it('is how each is that was asked, to who listens, and what changes then', async () => {
    const { path } = await file();
    const tracker = await httpTracker((_, response) => {
      response.end('d8:completei2e10:incompletei5e8:intervali1800e5:peers0:e');
    });
    const one = await helper({ tracker: `${tracker.origin}/announce` });
    const seed = one.seed(path, { key: 'mine' });
    await seed.published;
    const events = one.events()[Symbol.asyncIterator]();
    const next = async () => {
      for (;;) {
        const { value, done } = await events.next();
        if (done) throw new Error('no more events');
        if (value.type === 'tracker.changed') return value;
      }
    };
    const url = `${tracker.origin}/announce`;
    const tag = { timeMs: expect.any(Number), type: 'tracker.changed', id: 1, key: 'mine', url };
    expect(await next()).toEqual({ ...tag, state: 'working', seeders: 2, leechers: 5 });
    await tracker.close();
    await seed.pause();
    await seed.resume();
    expect(await next()).toEqual({ ...tag, state: 'waiting' });
    const error = expect.objectContaining({ code: 'TRACKER_UNREACHABLE', jobId: 1 });
    expect(await next()).toEqual({ ...tag, state: 'failing', error });
    await events.return?.();
  });
});
