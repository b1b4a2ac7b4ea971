// The monitor: hears what every job reports and turns it into progress changes and diagnostics. It never asks.
import { emit, setup } from 'xstate';
import type { Change, Diagnostic, Failure, JobReport, JobTag, SessionEntry } from './types.js';

export type MonitorEvent =
  | JobReport
  /** Something that concerns no job alone. */
  | { readonly type: 'helper.warned'; readonly failure: Failure }
  | { readonly type: 'instruction.misread'; readonly line: string };

export type MonitorEmitted =
  | { readonly type: 'changed'; readonly change: Change }
  | { readonly type: 'diagnosed'; readonly diagnostic: Diagnostic }
  | { readonly type: 'stateChanged'; readonly job: JobTag }
  | { readonly type: 'recorded'; readonly entry: SessionEntry };

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
        change: { ...job, percent, repeated },
      }),
    ),
    /** One line for a person. */
    tell: emit((_, diagnostic: Diagnostic) => ({ type: 'diagnosed', diagnostic })),
    /** For those who watch states. */
    show: emit((_, job: JobTag) => ({ type: 'stateChanged', job })),
    /** For the session that keeps the jobs. */
    record: emit((_, entry: SessionEntry) => ({ type: 'recorded', entry })),
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
          actions: { type: 'show', params: ({ event }) => event.job },
        },
        'job.recorded': {
          actions: { type: 'record', params: ({ event }) => event.entry },
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
        'helper.warned': {
          actions: {
            type: 'tell',
            params: ({ event }) => ({ kind: 'warning', failure: event.failure }),
          },
        },
        'job.removed': {
          actions: {
            type: 'tell',
            params: ({ event: { job } }) => ({ kind: 'removed', id: job.id, file: job.file }),
          },
        },
        'instruction.refused': {
          actions: {
            type: 'tell',
            params: ({ event }) => ({ kind: 'refused', failure: event.failure }),
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
