// The monitor: hears what every job reports and turns it into progress changes and diagnostics. It never asks.
import { emit, setup } from 'xstate';
import type {
  Change,
  Diagnostic,
  Failure,
  JobEnd,
  JobReport,
  JobTag,
  SessionEntry,
  SwarmMeasure,
  TrackerStatus,
} from './types.js';

export type MonitorEvent =
  | JobReport
  /** Something that concerns no job alone. */
  | { readonly type: 'helper.warned'; readonly failure: Failure }
  | { readonly type: 'helper.stopping' }
  | { readonly type: 'instruction.misread'; readonly line: string };

export type MonitorEmitted =
  | { readonly type: 'changed'; readonly changes: readonly Change[] }
  | { readonly type: 'diagnosed'; readonly diagnostic: Diagnostic }
  | { readonly type: 'trackerChanged'; readonly id: number; readonly tracker: TrackerStatus }
  | { readonly type: 'ended'; readonly end: JobEnd }
  | { readonly type: 'measured'; readonly id: number; readonly measure: SwarmMeasure }
  | { readonly type: 'recorded'; readonly entries: readonly SessionEntry[] }
  /** The helper was told to stop. */
  | { readonly type: 'stopping' };

export const monitorMachine = setup({
  types: {
    events: {} as MonitorEvent,
    emitted: {} as MonitorEmitted,
  },
  actions: {
    /** One progress line. */
    say: emit(
      (
        _,
        { job, percent, repeated = false }: { job: JobTag; percent: number; repeated?: boolean },
      ) => ({
        type: 'changed',
        changes: [{ type: 'progress', ...job, percent, repeated }],
      }),
    ),
    /** One line for a person. */
    tell: emit((_, diagnostic: Diagnostic) => ({ type: 'diagnosed', diagnostic })),
    /** No line, but for those who watch states. */
    show: emit((_, { job, percent }: { job: JobTag; percent: number | undefined }) => ({
      type: 'changed',
      changes: [{ type: 'state', ...job, percent, repeated: false }],
    })),
    /** Lines and states of many jobs. */
    showAll: emit((_, changes: readonly Change[]) => ({ type: 'changed', changes })),
    /** Numbers, for those who listen. */
    passMeasure: emit((_, { id, measure }: { id: number; measure: SwarmMeasure }) => ({
      type: 'measured',
      id,
      measure,
    })),
    /** No line, but for those who listen to trackers. */
    showTracker: emit((_, report: { readonly id: number; readonly tracker: TrackerStatus }) => ({
      type: 'trackerChanged',
      id: report.id,
      tracker: report.tracker,
    })),
    /** For those who wait for the job. */
    end: emit(
      (
        _,
        { job, end, failure }: { job: JobTag; end: JobEnd['end']; failure?: Failure | undefined },
      ) => ({
        type: 'ended',
        end: { id: job.id, end, failure },
      }),
    ),
    /** For the session that keeps the jobs. */
    announceStop: emit({ type: 'stopping' }),
    record: emit((_, entries: readonly SessionEntry[]) => ({ type: 'recorded', entries })),
    recordEnd: emit((_, { id }: JobTag) => ({
      type: 'recorded',
      entries: [{ type: 'ended', id }],
    })),
  },
  guards: {
    mayComeBack: (_, end: JobEnd['end']) => end === 'stopped',
  },
}).createMachine({
  id: 'monitor',
  description: 'Turns what the jobs report into one progress line a change.',
  initial: 'listening',
  states: {
    listening: {
      description:
        'Hears the jobs for as long as the helper lives. It keeps nothing: each report says all.',
      on: {
        'job.stateChanged': {
          actions: { type: 'show', params: ({ event }) => event },
        },
        'job.trackerChanged': {
          actions: { type: 'showTracker', params: ({ event }) => event },
        },
        'job.recorded': {
          actions: { type: 'record', params: ({ event }) => [event.entry] },
        },
        'jobs.recorded': {
          actions: { type: 'record', params: ({ event }) => event.entries },
        },
        'jobs.changed': {
          actions: { type: 'showAll', params: ({ event }) => event.changes },
        },
        'job.measured': {
          actions: { type: 'passMeasure', params: ({ event }) => event },
        },
        'job.progressed': {
          actions: { type: 'say', params: ({ event }) => event },
        },
        'job.published': {
          actions: [
            { type: 'say', params: ({ event }) => ({ job: event.job, percent: 100 }) },
            {
              type: 'tell',
              params: ({ event: { job, publication } }) => ({
                kind: 'published',
                id: job.id,
                file: job.file,
                ...publication,
              }),
            },
          ],
        },
        'job.downloaded': {
          actions: [
            { type: 'say', params: ({ event }) => ({ job: event.job, percent: 100 }) },
            {
              type: 'tell',
              params: ({ event: { job, contentPath } }) => ({
                kind: 'done',
                id: job.id,
                file: job.file,
                contentPath,
              }),
            },
          ],
        },
        'job.failed': {
          actions: [
            { type: 'show', params: ({ event }) => event },
            { type: 'say', params: ({ event }) => ({ job: event.job, percent: -2 }) },
            {
              type: 'tell',
              params: ({ event: { job, failure } }) => ({
                kind: 'failed',
                id: job.id,
                file: job.file,
                failure,
              }),
            },
            {
              type: 'end',
              params: ({ event: { job, failure } }) => ({ job, end: 'failed', failure }),
            },
            { type: 'recordEnd', params: ({ event }) => event.job },
          ],
        },
        'job.warned': {
          actions: {
            type: 'tell',
            params: ({ event: { job, failure } }) => ({
              kind: 'warning',
              id: job.id,
              file: job.file,
              failure,
            }),
          },
        },
        'job.verified': {
          actions: {
            type: 'tell',
            params: ({ event: { job, missingBytes } }) => ({
              kind: 'verified',
              id: job.id,
              file: job.file,
              missingBytes,
            }),
          },
        },
        'job.announced': {
          actions: {
            type: 'tell',
            params: ({ event: { job } }) => ({ kind: 'announced', id: job.id, file: job.file }),
          },
        },
        'job.commandFailed': {
          actions: {
            type: 'tell',
            params: ({ event: { job, command, failure } }) => ({
              kind: 'warning',
              id: job.id,
              file: job.file,
              command,
              failure,
            }),
          },
        },
        'job.relocated': {
          actions: {
            type: 'tell',
            params: ({ event: { job, contentPath } }) => ({
              kind: 'moved',
              id: job.id,
              file: job.file,
              contentPath,
            }),
          },
        },
        'job.relocationFailed': {
          actions: {
            type: 'tell',
            params: ({ event: { job, failure } }) => ({
              kind: 'warning',
              id: job.id,
              file: job.file,
              command: 'move',
              failure,
            }),
          },
        },
        'helper.stopping': { actions: 'announceStop' },
        'helper.warned': {
          actions: {
            type: 'tell',
            params: ({ event }) => ({ kind: 'warning', failure: event.failure }),
          },
        },
        'job.removed': {
          actions: [
            { type: 'show', params: ({ event }) => event },
            {
              type: 'tell',
              params: ({ event: { job } }) => ({ kind: 'removed', id: job.id, file: job.file }),
            },
            {
              type: 'end',
              params: ({ event: { job, left } }) => ({ job, end: 'removed', failure: left }),
            },
            { type: 'recordEnd', params: ({ event }) => event.job },
          ],
        },
        'job.ended': [
          {
            guard: { type: 'mayComeBack', params: ({ event }) => event.end },
            actions: [
              { type: 'show', params: ({ event }) => event },
              { type: 'end', params: ({ event }) => event },
            ],
          },
          {
            actions: [
              { type: 'show', params: ({ event }) => event },
              { type: 'end', params: ({ event }) => event },
              { type: 'recordEnd', params: ({ event }) => event.job },
            ],
          },
        ],
        'instruction.refused': {
          actions: {
            type: 'tell',
            params: ({ event: { id, command, failure } }) => ({
              kind: 'refused',
              id,
              command,
              failure,
            }),
          },
        },
        'instruction.misread': {
          actions: {
            type: 'tell',
            params: ({ event }) => ({ kind: 'not-understood', line: event.line }),
          },
        },
      },
    },
  },
});
