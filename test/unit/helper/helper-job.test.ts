// What the commands of a job answer, from what the job says of itself: each order of events, without a helper.
import { describe, expect, it } from 'vitest';
import type {
  Diagnostic,
  JobCommand,
  JobEnd,
  JobState,
  StateChange,
} from '../../../machines/types.js';
import { HelperJob } from '../../../src/helper/helper-job.js';
import { StatsListeners } from '../../../src/helper/stats/stats-listeners.js';

const tag = { type: 'state', id: 1, kind: 'download', file: 'a.iso', repeated: false } as const;
const inState = (state: JobState): StateChange => ({ ...tag, state, percent: 5 });
const refused = (command: JobCommand['kind']): Diagnostic => ({
  kind: 'refused',
  id: 1,
  command,
  failure: { code: 'REFUSED', message: `${command} is refused` },
});
const moved: Diagnostic = { kind: 'moved', id: 1, file: 'a.iso', contentPath: '/b/a.iso' };
const full = { code: 'DISK_FULL', message: 'no room' } as const;
const notMoved: Diagnostic = {
  ...{ kind: 'warning', id: 1, file: 'a.iso', command: 'move' },
  failure: full,
};
const ended = (end: JobEnd['end'], failure?: JobEnd['failure']): JobEnd => {
  return { id: 1, end, failure };
};

/** A job in the hands of a test: what it is told, and how it answers at once. */
function job(state: JobState, answer: (command: JobCommand, job: HelperJob) => void = () => {}) {
  const told: JobCommand[] = [];
  const made: HelperJob = new HelperJob(inState(state), {
    carryOut: (command) => {
      told.push(command);
      answer(command, made);
    },
    left: async () => {},
    listeners: new StatsListeners({ watch: () => {}, jobs: () => [], job: () => undefined }),
  });
  return { job: made, told };
}

/** Whether a promise has settled by now, and how. */
async function now(promise: Promise<unknown>): Promise<string> {
  const pending = new Promise((resolve) => setImmediate(resolve, 'pending'));
  const outcome = promise.then(
    () => 'done',
    ({ code }: { code: string }) => code,
  );
  return String(await Promise.race([outcome, pending]));
}

describe('pause and resume', () => {
  it('are done in the state that was asked for, and take each other back', async () => {
    const { job: each } = job('moving');
    const pausing = each.pause();
    expect(await now(pausing)).toBe('pending');
    expect(await now(each.resume())).toBe('done');
    expect(await now(pausing)).toBe('REFUSED');
    const again = each.pause();
    HelperJob.onChanged(each, inState('paused'));
    expect(await now(again)).toBe('done');
    const resuming = each.resume();
    expect(await now(resuming)).toBe('pending');
    HelperJob.onChanged(each, inState('failed'));
    expect(await now(resuming)).toBe('pending');
    HelperJob.onEnd(each, ended('failed', full), undefined);
    expect(await now(resuming)).toBe('DISK_FULL');
  });
});

describe('move', () => {
  it('is done when the content has moved and the job goes on, not before', async () => {
    const { job: each } = job('moving');
    const moving = each.move('/b');
    HelperJob.onDiagnosed(each, moved);
    expect(await now(moving)).toBe('pending');
    // What was left behind is told, and the content lies there nevertheless.
    HelperJob.onDiagnosed(each, notMoved);
    HelperJob.onChanged(each, inState('registering'));
    expect(await now(moving)).toBe('done');
  });

  it('is done where the helper stops as soon as the content lies there', async () => {
    const { job: each } = job('moving');
    const moving = each.move('/b');
    HelperJob.onDiagnosed(each, moved);
    HelperJob.onEnd(each, ended('stopped'), undefined);
    expect(await now(moving)).toBe('done');
  });

  it('fails for the reason that is told, and for no other warning', async () => {
    const { job: each } = job('seeding');
    const moving = each.move('/b');
    const warning = { kind: 'warning', id: 1, file: 'a.iso', failure: full } as const;
    HelperJob.onDiagnosed(each, warning);
    expect(await now(moving)).toBe('pending');
    HelperJob.onDiagnosed(each, notMoved);
    expect(await now(moving)).toBe('DISK_FULL');
  });

  it('is held up by a pause, and given up for another move that is taken', async () => {
    const { job: each } = job('moving');
    const first = each.move('/b');
    HelperJob.onChanged(each, inState('paused'));
    expect(await now(first)).toBe('pending');
    const second = each.move('/c');
    expect(await now(first)).toBe('REFUSED');
    HelperJob.onDiagnosed(each, moved);
    expect(await now(second)).toBe('done');
  });

  it('goes on beside another that is refused', async () => {
    let isBusy = false;
    const { job: each } = job('seeding', ({ kind }, asked) => {
      if (isBusy) HelperJob.onDiagnosed(asked, refused(kind));
      isBusy = true;
    });
    const [first, second] = [each.move('/b'), each.move('/c')];
    expect([await now(first), await now(second)]).toEqual(['pending', 'REFUSED']);
    HelperJob.onDiagnosed(each, moved);
    expect(await now(first)).toBe('done');
  });
});

describe('remove', () => {
  it.each([
    [undefined, 'removed', undefined, 'done'],
    [true, 'removed', undefined, 'done'],
    [undefined, 'removed', full, 'done'],
    [true, 'removed', full, 'DISK_FULL'],
    [true, 'failed', full, 'DISK_FULL'],
    [true, 'stopped', undefined, 'CLOSED'],
    [undefined, 'stopped', undefined, 'CLOSED'],
  ] as const)('with data: %s, and an end as %s %j, comes to: %4$s', async (...row) => {
    const [data, end, failure, outcome] = row;
    const { job: each } = job('seeding');
    const removing = each.remove(data && { data });
    const pausing = each.pause();
    expect(await now(removing)).toBe('pending');
    HelperJob.onEnd(each, ended(end, failure), undefined);
    expect(await now(removing)).toBe(outcome);
    const others = { removed: 'REMOVED', failed: 'DISK_FULL', stopped: 'CLOSED' };
    expect(await now(pausing)).toBe(others[end]);
  });

  it('for a signal is asked again where the content was on the move', async () => {
    const { job: each, told } = job('moving', ({ kind }, asked) => {
      if (asked.state === 'moving') HelperJob.onDiagnosed(asked, refused(kind));
      else HelperJob.onEnd(asked, ended('removed'), undefined);
    });
    const reason = new Error('enough');
    const removing = HelperJob.removeFor(each, reason);
    expect(await now(removing)).toBe('pending');
    HelperJob.onChanged(each, inState('registering'));
    await removing;
    expect(told.map(({ kind }) => kind)).toEqual(['remove', 'remove']);
    await expect(each.done).rejects.toMatchObject({ code: 'REMOVED', cause: reason });
  });
});
