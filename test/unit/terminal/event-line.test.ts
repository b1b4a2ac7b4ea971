import { describe, expect, it } from 'vitest';
import type { HelperEvent } from '../../../src/helper/events/helper-event.js';
import { eventLine } from '../../../src/terminal/event-line.js';

const error = { code: 'DISK_FULL', message: '/srv', retryable: true, help: 'Make room.' } as const;
const job = { timeMs: 0, id: 3, key: undefined };
const publication = { torrentFile: '/t/a.torrent', infoHash: 'ab', magnetUri: 'magnet:?xt=1' };

describe('what is told of an event of a helper elsewhere', () => {
  it.each<[HelperEvent, string]>([
    [{ ...job, type: 'job.published', ...publication }, 'published: /t/a.torrent ab magnet:?xt=1'],
    [{ ...job, type: 'job.done', contentPath: '/d/a' }, 'done: /d/a'],
    [{ ...job, type: 'job.moved', contentPath: '/d/a' }, 'moved: /d/a'],
    [{ ...job, type: 'job.verified', missingBytes: 0 }, 'verified: all of it is there'],
    [{ ...job, type: 'job.announced' }, 'announced: a tracker has accepted it'],
    [{ ...job, type: 'job.failed', error }, 'failed: DISK_FULL: /srv'],
    [{ ...job, type: 'job.warning', error }, 'warning: DISK_FULL: /srv'],
    [{ ...job, type: 'job.ended', end: 'removed' }, 'removed'],
  ])('$type is the line that it writes itself', (event, said) => {
    expect(eventLine(event, 'a')).toBe(`bittorrent-helper: job 3 (a): ${said}\n`);
    expect(eventLine(event, '')).toBe(`bittorrent-helper: job 3: ${said}\n`);
  });

  it('is nothing where it writes none', () => {
    expect(eventLine({ ...job, type: 'job.ended', end: 'released' }, 'a')).toBeUndefined();
    expect(eventLine({ timeMs: 0, type: 'helper.stopping' }, '')).toBeUndefined();
  });

  it('is what concerns no job, too', () => {
    expect(eventLine({ timeMs: 0, type: 'helper.warning', error }, '')).toBe(
      'bittorrent-helper: warning: DISK_FULL: /srv\n',
    );
  });
});
