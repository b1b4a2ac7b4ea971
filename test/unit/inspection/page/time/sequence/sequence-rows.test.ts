import { describe, expect, it } from 'vitest';
import { StepIndex } from '../../../../../../src/inspection/page/steps/step-index.js';
import {
  type SequenceFilter,
  SequenceRows,
} from '../../../../../../src/inspection/page/time/sequence/sequence-rows.js';
import { made, stepsOf, told } from '../../../../../support/inspection/steps.js';

const steps = stepsOf(
  made(1, 'engine', { machine: 'engine' }),
  made(2, 'worker', { parent: 1 }),
  made(3, 'supervisor', { machine: 'supervisor' }),
  made(4, 'monitor', { parent: 3, machine: 'monitor' }),
  made(5, 'jobs', { parent: 3 }),
  made(6, 'job-1', { parent: 5, src: 'torrent', machine: 'torrent' }),
  made(7, '0.torrent.active.making', { parent: 6, src: 'makeMetainfo' }),
  made(8, 'job-2', { parent: 5, src: 'torrent', machine: 'torrent' }),
  told(7, 'xstate.promise.resolve', { from: 7 }),
  told(6, 'xstate.done.actor.0.torrent.active.making', { from: 7 }),
  told(5, 'job.stateChanged', { from: 6 }),
  told(4, 'job.stateChanged', { from: 5 }),
  told(8, 'job.pause', { from: 5 }),
  told(1, 'engine.crashed', { from: 2 }),
  told(6, 'job.pause'),
);

const all: SequenceFilter = { actor: undefined, hasReports: true, hasInternals: true };

function sequence(filter: Partial<SequenceFilter>, shown = steps) {
  const index = new StepIndex();
  index.keepUp(shown);
  const rows = new SequenceRows({ ...all, ...filter }, (actor) => index.names.get(actor));
  rows.keepUp(shown);
  return rows;
}

const typesOf = ({ rows }: SequenceRows) =>
  rows.map((row) => {
    const record = steps[row]?.record;
    return record?.type === 'actor' ? `made ${record.id}` : record?.event.type;
  });

describe('the sequence of events', () => {
  it('is of everybody, with one column for all of a kind', () => {
    const rows = sequence({});
    expect(rows.rows).toHaveLength(steps.length);
    expect(rows.columns.map(({ label, actor }) => [label, actor])).toEqual([
      ['engine', 1],
      ['worker', 2],
      ['supervisor', 3],
      ['monitor', 4],
      ['jobs', 5],
      ['torrent', undefined],
      ['makeMetainfo', 7],
    ]);
    expect(rows.columnOf(6)).toBe(rows.columnOf(8));
    expect(rows.columnOf(99)).toBeUndefined();
  });

  it('is of the actor that is looked at, what it made, whom it tells, and the engine', () => {
    const rows = sequence({ actor: 6 });
    expect(typesOf(rows)).toEqual([
      'made engine',
      'made worker',
      'made job-1',
      'made 0.torrent.active.making',
      'xstate.promise.resolve',
      'xstate.done.actor.0.torrent.active.making',
      'job.stateChanged',
      'engine.crashed',
      'job.pause',
    ]);
    const labels = rows.columns.map(({ label }) => label);
    expect(labels).toEqual(['engine', 'worker', 'jobs', 'job-1', 'makeMetainfo']);
  });

  it('leaves out reports, and what is XState’s own, where that is asked', () => {
    expect(typesOf(sequence({ hasReports: false }))).not.toContain('job.stateChanged');
    expect(typesOf(sequence({ hasReports: false }))).toContain('job.pause');
    expect(typesOf(sequence({ hasInternals: false })).join()).not.toContain('xstate');
  });

  it('goes on where steps are added', () => {
    const index = new StepIndex();
    index.keepUp(steps);
    const rows = new SequenceRows({ ...all, actor: 6 }, (actor) => index.names.get(actor));
    for (let count = 0; count <= steps.length; count += 1) rows.keepUp(steps.slice(0, count));
    expect(rows.rows).toEqual(sequence({ actor: 6 }).rows);
    expect(rows.columns).toEqual(sequence({ actor: 6 }).columns);
  });

  it('has one column for all that there is no room for', () => {
    const many = stepsOf(...Array.from({ length: 30 }, (_, index) => made(index + 1, `a${index}`)));
    const rows = sequence({}, many);
    expect(rows.columns).toHaveLength(13);
    expect(rows.columnOf(30)).toBe('others');
    expect(rows.columnOf(1)).toBe('a0');
  });

  it('is not led in a circle by actors that made each other', () => {
    const circle = stepsOf(made(1, 'a', { parent: 2 }), made(2, 'b', { parent: 1 }), made(3, 'c'));
    expect(sequence({ actor: 3 }, circle).rows).toEqual([2]);
  });
});
