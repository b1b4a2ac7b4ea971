import { describe, expect, it } from 'vitest';
import { createTorrentLocks, type LockRequest } from '../../../src/actors/torrent-locks.js';

const request = (claim: Partial<LockRequest>): LockRequest => ({
  jobId: 1,
  infoHash: 'a'.repeat(40),
  contentPath: '/srv/a.iso',
  role: 'download',
  ...claim,
});
const failing = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('torrentLocks', () => {
  it('give each torrent and each place to one job', () => {
    const torrentLocks = createTorrentLocks();
    torrentLocks.lock(request({}));
    torrentLocks.lock(request({ jobId: 2, infoHash: 'b'.repeat(40), contentPath: '/srv/b.iso' }));
    expect(() => torrentLocks.lock(request({ jobId: 3, contentPath: '/srv/c.iso' }))).toThrow(
      failing('DUPLICATE', /job 1 .*a{40}.*remove:1/),
    );
    expect(() => torrentLocks.lock(request({ jobId: 3, infoHash: 'c'.repeat(40) }))).toThrow(
      failing('DESTINATION_EXISTS', /\/srv\/a\.iso .*job 1/),
    );
  });

  it('are free again once they are released', () => {
    const torrentLocks = createTorrentLocks();
    const release = torrentLocks.lock(request({}));
    release();
    release();
    torrentLocks.lock(request({ jobId: 2 }));
    // Released a second time, the first takes nothing from the second.
    release();
    expect(() => torrentLocks.lock(request({ jobId: 3 }))).toThrow(failing('DUPLICATE', /job 2/));
  });

  it('let two seeds read one place', () => {
    const torrentLocks = createTorrentLocks();
    torrentLocks.lock(request({ role: 'seed' }));
    torrentLocks.lock(request({ jobId: 2, role: 'seed', infoHash: 'b'.repeat(40) }));
  });

  it.each([
    ['download', 'seed'],
    ['seed', 'download'],
  ] as const)('keep a %s and a %s out of one place', (first, second) => {
    const torrentLocks = createTorrentLocks();
    torrentLocks.lock(request({ role: first }));
    expect(() =>
      torrentLocks.lock(request({ jobId: 2, role: second, infoHash: 'b'.repeat(40) })),
    ).toThrow(failing('DESTINATION_EXISTS', /job 1/));
  });

  it('let a job hold two places of its torrent while the content moves, and keep others out of both', () => {
    const torrentLocks = createTorrentLocks();
    const leaveOld = torrentLocks.lock(request({}));
    const leaveNew = torrentLocks.lock(request({ contentPath: '/mnt/a.iso' }));
    const other = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    for (const contentPath of ['/srv/a.iso', '/mnt/a.iso']) {
      expect(() => torrentLocks.lock({ ...other, contentPath })).toThrow(
        failing('DESTINATION_EXISTS', /job 1/),
      );
    }
    leaveOld();
    torrentLocks.lock({ ...other, contentPath: '/srv/a.iso' });
    expect(() => torrentLocks.lock(request({ jobId: 3, contentPath: '/x' }))).toThrow(
      failing('DUPLICATE', /job 1/),
    );
    leaveNew();
  });

  it('can be held for as long as a job lives, one place at a time', () => {
    const torrentLocks = createTorrentLocks();
    const other = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    torrentLocks.lockForJob(request({}));
    torrentLocks.lockForJob(request({ contentPath: '/mnt/a.iso' }));
    torrentLocks.lock(other)();
    expect(() => torrentLocks.lock({ ...other, contentPath: '/mnt/a.iso' })).toThrow(
      failing('DESTINATION_EXISTS', /job 1/),
    );
    expect(() => torrentLocks.lockForJob(request({ jobId: 2 }))).toThrow(
      failing('DUPLICATE', /job 1/),
    );
    torrentLocks.releaseJob(1);
    torrentLocks.releaseJob(1);
    torrentLocks.lockForJob(request({ jobId: 2 }));
  });

  it('are given back to the jobs of an earlier life in turn, and those that are refused take nothing', () => {
    const torrentLocks = createTorrentLocks();
    torrentLocks.lockAgain([request({}), request({ jobId: 2, contentPath: '/mnt/a.iso' })]);
    expect(() => torrentLocks.lockForJob(request({ jobId: 2 }))).toThrow(
      failing('DUPLICATE', /job 1/),
    );
    torrentLocks.lockForJob(request({}));
    torrentLocks.releaseJob(1);
    torrentLocks.lockForJob(request({ jobId: 2 }));
  });

  it('take nothing where they refuse', () => {
    const torrentLocks = createTorrentLocks();
    const release = torrentLocks.lock(request({}));
    const second = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    expect(() => torrentLocks.lock(second)).toThrow(failing('DESTINATION_EXISTS', /job 1/));
    release();
    torrentLocks.lock(second);
  });

  it('look at the others of the same torrent or path alone, however many there are', () => {
    const torrentLocks = createTorrentLocks();
    let looks = 0;
    for (let jobId = 1; jobId <= 1000; jobId++) {
      torrentLocks.lock({
        get jobId() {
          looks += 1;
          return jobId;
        },
        infoHash: `${jobId}`.padStart(40, '0'),
        contentPath: `/srv/${jobId}`,
        role: 'download',
      });
    }
    expect(looks).toBeLessThanOrEqual(2000);
  });
});
