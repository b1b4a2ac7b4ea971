// Jobs one at a time, and what a person is told of them: what fails, waits, gives up, and ends.
import { describe, expect, it, vi } from 'vitest';
import { HelperError } from '../../../src/errors.js';
import { joiningJob, loneJob, seedOrder } from '../../support/machines/lone-job.js';
import { located, obstacle } from '../../support/machines/torrent-walks.js';

describe('what lies in the way of a download', () => {
  const inTheWay = { type: 'swarm.failed', failure: obstacle } as const;

  it('fails a job that has just been given, at once', () => {
    const { actor, told } = joiningJob();
    actor.send({ type: 'swarm.joined' });
    actor.send(inTheWay);
    expect(actor.getSnapshot()).toMatchObject({ value: 'failed', output: { kind: 'failed' } });
    expect(told('warning')).toEqual([]);
    expect(told('failed')).toMatchObject([{ failure: obstacle }]);
  });

  it('is waited for by one that has said how much is there, be it nothing, and is tried again', () => {
    const { actor, clock, told } = joiningJob();
    actor.send({ type: 'swarm.joined' });
    actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    for (const delayMs of [1000, 2000, 4000]) {
      actor.send(inTheWay);
      expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
      clock.increment(delayMs - 1);
      expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
      clock.increment(1);
      expect(actor.getSnapshot().value).toEqual({ active: { joined: { joining: 'registering' } } });
    }
    expect(told('failed')).toEqual([]);
    // Once, not each time.
    expect(told('warning')).toMatchObject([{ failure: obstacle }]);
  });

  it('is waited for by one whose content had its place in an earlier life', () => {
    const saved = { isPaused: false, infoHash: 'a'.repeat(40), contentPath: '/srv/a.iso' };
    const { actor, told } = joiningJob({ saved });
    actor.send(inTheWay);
    expect(actor.getSnapshot().value).toEqual({ paused: 'waitingForDisk' });
    expect(told('warning')).toMatchObject([{ failure: obstacle }]);
  });

  it('still fails one of which an earlier life knew no more than its name', () => {
    const { actor } = joiningJob({ saved: { isPaused: false, infoHash: 'a'.repeat(40) } });
    actor.send(inTheWay);
    expect(actor.getSnapshot().value).toBe('failed');
  });
});

describe('a job without progress', () => {
  const stalled = { failure: { code: 'STALLED', message: expect.stringContaining('for 60 s') } };
  const longestTimerMs = 2 ** 31 - 1;

  it('is given up while its metainfo is fetched, after the time it was given and no sooner', () => {
    const { clock, told, actor } = loneJob({ giveUpMs: 60_000 });
    clock.increment(59_999);
    expect(actor.getSnapshot().value).toEqual({ active: 'fetching' });
    clock.increment(1);
    expect(actor.getSnapshot().output).toMatchObject({ kind: 'failed' });
    expect(told('failed')).toMatchObject([stalled]);
  });

  it('is given up while it downloads, so long after its last piece', () => {
    const job = joiningJob({ giveUpMs: 60_000 });
    job.actor.send({ type: 'swarm.joined' });
    job.actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    job.clock.increment(59_999);
    job.actor.send({ type: 'piece.verified', verifiedBytes: 50 });
    job.clock.increment(59_999);
    expect(job.value).toEqual({ active: { joined: 'downloading' } });
    job.clock.increment(1);
    expect(job.told('failed')).toMatchObject([stalled]);
  });

  it('sets no timer if it was given no time, however many pieces it gets', () => {
    const job = joiningJob();
    const setTimer = vi.spyOn(job.clock, 'setTimeout');
    job.actor.send({ type: 'swarm.joined' });
    job.actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    job.actor.send({ type: 'piece.verified', verifiedBytes: 50 });
    expect(job.value).toEqual({ active: { joined: 'downloading' } });
    expect(setTimer).not.toHaveBeenCalled();
  });

  it('is not given up later for what it stood still before it was complete', () => {
    const job = joiningJob({ giveUpMs: 60_000 });
    job.actor.send({ type: 'swarm.joined' });
    job.actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    job.actor.send({ type: 'swarm.completed' });
    job.clock.increment(longestTimerMs);
    expect(job.value).toEqual({ active: { joined: 'seeding' } });
  });

  it('goes on for as long as there are timers, if it was given no time', () => {
    const fetching = loneJob();
    const downloading = joiningJob();
    downloading.actor.send({ type: 'swarm.joined' });
    downloading.actor.send({ type: 'swarm.checked', verifiedBytes: 0 });
    for (const { clock } of [fetching, downloading]) clock.increment(longestTimerMs);
    expect(fetching.value).toEqual({ active: 'fetching' });
    expect(downloading.value).toEqual({ active: { joined: 'downloading' } });
  });
});

describe('a job whose disk refuses', () => {
  const refusal = { error: new HelperError('DISK_FULL', 'no') };

  it('waits and fetches its metainfo again, with one warning', () => {
    const job = loneJob();
    for (const delayMs of [1000, 2000]) {
      job.settle('0.torrent.active.fetching', refusal);
      expect(job.value).toEqual({ paused: 'waitingForDisk' });
      job.clock.increment(delayMs);
      expect(job.value).toEqual({ active: 'fetching' });
    }
    expect(job.told('warning')).toMatchObject([{ failure: { code: 'DISK_FULL' } }]);
  });

  it('waits for its user once it is paused', () => {
    const job = loneJob();
    job.settle('0.torrent.active.fetching', refusal);
    job.actor.send({ type: 'job.pause' });
    job.clock.increment(60_000);
    expect(job.value).toEqual({ paused: 'byUser' });
  });
});

describe('a job that came back paused', () => {
  const saved = { isPaused: true, infoHash: 'a'.repeat(40) };

  it('stays so, and says that its torrent is known if it is a seed', () => {
    const seed = loneJob({ ...seedOrder, saved });
    expect(seed.value).toEqual({ paused: 'byUser' });
    expect(seed.actor.getSnapshot().context).toMatchObject({ percent: -1, state: 'paused' });
  });

  it('fetches nothing before it is resumed, if nothing is known of it or it is given so', () => {
    const download = { kind: 'download', given: 'a', paused: true } as const;
    for (const order of [{ saved: { isPaused: true } }, { instruction: download }]) {
      const job = loneJob(order);
      expect(job.value).toEqual({ paused: 'byUser' });
      job.actor.send({ type: 'job.resume' });
      expect(job.value).toEqual({ active: 'fetching' });
    }
  });

  it('pauses when it has found the metainfo that names it, or goes on if it was resumed till then', () => {
    const [paused, resumed] = [loneJob({ saved }), loneJob({ saved })];
    resumed.actor.send({ type: 'job.resume' });
    for (const { settle } of [paused, resumed]) {
      settle('0.torrent.active.fetching', { output: located });
    }
    expect(paused.value).toEqual({ paused: 'byUser' });
    expect(resumed.value).toMatchObject({ active: { joined: {} } });
  });

  it('is over when nobody is left to resume it, also before its metainfo is there', () => {
    const { actor } = loneJob({ saved });
    actor.send({ type: 'job.finish' });
    expect(actor.getSnapshot().output).toMatchObject({ kind: 'stopped', stayedPaused: true });
  });

  it('is removed when its user wants it no more', () => {
    const { actor, told } = loneJob({ ...seedOrder, saved });
    actor.send({ type: 'job.remove' });
    expect(actor.getSnapshot().output).toMatchObject({ kind: 'removed' });
    expect(told('removed')).toHaveLength(1);
  });
});

describe('a job whose torrent is not known yet', () => {
  it('can neither announce nor move, also paused, and reads its content when there is some', () => {
    const { actor, settle, told } = loneJob();
    for (const type of ['job.announce', 'job.verify', 'job.pause'] as const) actor.send({ type });
    actor.send({ type: 'job.move', dir: '/elsewhere' });
    actor.send({ type: 'job.resume' });
    actor.send({ type: 'job.move', dir: '/elsewhere' });
    const refused = ['announce', 'move', 'move'].map((command) => ({ command }));
    expect(told('refused')).toMatchObject(refused);
    settle('0.torrent.active.fetching', { output: located });
    expect(actor.getSnapshot().context).toMatchObject({ mustVerify: true, moveTo: undefined });
  });

  it('says what its search is warned of', () => {
    const { actor, told } = loneJob();
    actor.send({ type: 'swarm.warned', failure: obstacle });
    expect(told('warning')).toMatchObject([{ id: 1, failure: obstacle }]);
  });
});

describe('a job in its swarm', () => {
  it('that seeds is published when the swarm is open, if no tracker is needed', () => {
    const { actor, told } = joiningJob({ ...seedOrder, needsTracker: false });
    actor.send({ type: 'swarm.joined' });
    expect(actor.getSnapshot().value).toEqual({ active: { joined: 'seeding' } });
    expect(told('published')).toMatchObject([{ id: 1, infoHash: 'a'.repeat(40) }]);
  });

  it('tells of its trackers', () => {
    const { actor, trackers } = joiningJob();
    const tracker = { url: 'http://t.invalid/', state: 'failing', failure: obstacle } as const;
    actor.send({ type: 'swarm.trackerChanged', tracker });
    expect(trackers).toEqual([tracker]);
  });

  it('waits for its user when it is paused, and may be deleted then', () => {
    const job = joiningJob();
    job.actor.send({ type: 'job.pause' });
    job.actor.send({ type: 'job.resume' });
    expect(job.value).toEqual({ active: { joined: { joining: 'registering' } } });
    job.actor.send({ type: 'job.pause' });
    job.actor.send({ type: 'job.delete' });
    expect(job.value).toBe('deleting');
  });
});

describe('a download that is to announce', () => {
  it('says that a tracker has accepted it, be it before its swarm is open', () => {
    const job = joiningJob();
    job.actor.send({ type: 'job.announce' });
    job.actor.send({ type: 'swarm.announced' });
    expect(job.value).toEqual({ active: { joined: { joining: 'registering' } } });
    expect(job.told('announced')).toHaveLength(1);
  });
});

describe('a job whose content is deleted', () => {
  it.each([
    ['tells what was left', obstacle, [{ failure: obstacle }]],
    ['is silent if nothing was left', undefined, []],
  ] as const)('%s, and is removed', (_what, output, warnings) => {
    const { actor, settle, told } = joiningJob();
    actor.send({ type: 'job.delete' });
    settle('0.torrent.deleting', { output });
    expect(actor.getSnapshot()).toMatchObject({ value: 'removed', output: { kind: 'removed' } });
    expect(told('warning')).toMatchObject(warnings);
    expect(told('removed')).toHaveLength(1);
  });

  it('fails where it could not be', () => {
    const { actor, settle, told } = joiningJob();
    actor.send({ type: 'job.delete' });
    settle('0.torrent.deleting', { error: new HelperError('DISK_FULL', 'no') });
    expect(actor.getSnapshot().output).toMatchObject({ kind: 'failed' });
    expect(told('failed')).toMatchObject([{ failure: { code: 'DISK_FULL', message: 'no' } }]);
  });

  it('is removed at once while nothing is known of it, at work or paused', () => {
    for (const before of [[], [{ type: 'job.pause' }]] as const) {
      const { actor } = loneJob();
      for (const event of before) actor.send(event);
      actor.send({ type: 'job.delete' });
      expect(actor.getSnapshot().output).toMatchObject({ kind: 'removed' });
    }
  });

  it('stays what it was if it publishes its source, at work, paused or on the move', () => {
    const job = joiningJob(seedOrder);
    job.actor.send({ type: 'job.delete' });
    expect(job.value).toMatchObject({ active: { joined: {} } });
    job.actor.send({ type: 'job.pause' });
    job.actor.send({ type: 'job.delete' });
    expect(job.value).toEqual({ paused: 'byUser' });
    job.actor.send({ type: 'job.move', dir: '/elsewhere' });
    job.actor.send({ type: 'job.delete' });
    expect(job.value).toEqual({ relocating: 'copying' });
    const refused = {
      command: 'delete',
      failure: { message: expect.stringContaining('remove:1') },
    };
    expect(job.told('refused')).toMatchObject([refused, refused, refused]);
  });
});
