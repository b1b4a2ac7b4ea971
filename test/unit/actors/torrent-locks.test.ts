import { describe, expect, it } from 'vitest';
import { type ClaimRequest, createClaims } from '../../../src/actors/torrent-locks.js';

const request = (claim: Partial<ClaimRequest>): ClaimRequest => ({
  jobId: 1,
  infoHash: 'a'.repeat(40),
  contentPath: '/srv/a.iso',
  role: 'download',
  ...claim,
});
const failing = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe('claims', () => {
  it('give each torrent and each place to one job', () => {
    const claims = createClaims();
    claims.take(request({}));
    claims.take(request({ jobId: 2, infoHash: 'b'.repeat(40), contentPath: '/srv/b.iso' }));
    expect(() => claims.take(request({ jobId: 3, contentPath: '/srv/c.iso' }))).toThrow(
      failing('DUPLICATE', /job 1 .*a{40}.*remove:1/),
    );
    expect(() => claims.take(request({ jobId: 3, infoHash: 'c'.repeat(40) }))).toThrow(
      failing('DESTINATION_EXISTS', /\/srv\/a\.iso .*job 1/),
    );
  });

  it('are free again once they are released', () => {
    const claims = createClaims();
    const release = claims.take(request({}));
    release();
    release();
    claims.take(request({ jobId: 2 }));
    // Released a second time, the first takes nothing from the second.
    release();
    expect(() => claims.take(request({ jobId: 3 }))).toThrow(failing('DUPLICATE', /job 2/));
  });

  it('let two seeds read one place', () => {
    const claims = createClaims();
    claims.take(request({ role: 'seed' }));
    claims.take(request({ jobId: 2, role: 'seed', infoHash: 'b'.repeat(40) }));
  });

  it.each([
    ['download', 'seed'],
    ['seed', 'download'],
  ] as const)('keep a %s and a %s out of one place', (first, second) => {
    const claims = createClaims();
    claims.take(request({ role: first }));
    expect(() =>
      claims.take(request({ jobId: 2, role: second, infoHash: 'b'.repeat(40) })),
    ).toThrow(failing('DESTINATION_EXISTS', /job 1/));
  });

  it('let a job hold two places of its torrent while the content moves, and keep others out of both', () => {
    const claims = createClaims();
    const leaveOld = claims.take(request({}));
    const leaveNew = claims.take(request({ contentPath: '/mnt/a.iso' }));
    const other = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    for (const contentPath of ['/srv/a.iso', '/mnt/a.iso']) {
      expect(() => claims.take({ ...other, contentPath })).toThrow(
        failing('DESTINATION_EXISTS', /job 1/),
      );
    }
    leaveOld();
    claims.take({ ...other, contentPath: '/srv/a.iso' });
    expect(() => claims.take(request({ jobId: 3, contentPath: '/x' }))).toThrow(
      failing('DUPLICATE', /job 1/),
    );
    leaveNew();
  });

  it('can be held for as long as a job lives, one place at a time', () => {
    const claims = createClaims();
    const other = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    claims.hold(request({}));
    claims.hold(request({ contentPath: '/mnt/a.iso' }));
    claims.take(other)();
    expect(() => claims.take({ ...other, contentPath: '/mnt/a.iso' })).toThrow(
      failing('DESTINATION_EXISTS', /job 1/),
    );
    expect(() => claims.hold(request({ jobId: 2 }))).toThrow(failing('DUPLICATE', /job 1/));
    claims.letGo(1);
    claims.letGo(1);
    claims.hold(request({ jobId: 2 }));
  });

  it('take nothing where they refuse', () => {
    const claims = createClaims();
    const release = claims.take(request({}));
    const second = request({ jobId: 2, infoHash: 'b'.repeat(40) });
    expect(() => claims.take(second)).toThrow(failing('DESTINATION_EXISTS', /job 1/));
    release();
    claims.take(second);
  });
});
