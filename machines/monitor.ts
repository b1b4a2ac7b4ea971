// The monitor: hears what every job reports and turns it into progress changes and diagnostics. It never asks.
import { emit, enqueueActions, setup } from 'xstate';
import { hearReports } from './hear-reports.js';
import type { MisreadEvent } from './instruction-parser.js';
import type {
  Change,
  Diagnostic,
  Failure,
  JobEnd,
  JobReport,
  SessionEntry,
  SwarmMeasure,
  TrackerStatus,
} from './types.js';

export type MonitorEvent =
  | ReportedEvent
  /** Something that concerns no job alone. */
  | { readonly type: 'helper.warned'; readonly failure: Failure }
  | { readonly type: 'helper.stopping' }
  | MisreadEvent;

/** What became of the jobs, in its order. What is reported together goes together: with thousands each event of its own costs. */
export interface ReportedEvent {
  readonly type: 'jobs.reported';
  readonly reports: readonly JobReport[];
}

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
    /** Lines and states, lines for a person, numbers, ends, and what the session keeps. */
    tellAll: enqueueActions(({ enqueue }, reports: readonly JobReport[]) => {
      for (const heard of hearReports(reports)) enqueue.emit(heard);
    }),
    tellMisread: enqueueActions(({ enqueue }, lines: readonly string[]) => {
      for (const line of lines) {
        enqueue.emit({ type: 'diagnosed', diagnostic: { kind: 'not-understood', line } });
      }
    }),
    warn: emit((_, failure: Failure) => ({
      type: 'diagnosed',
      diagnostic: { kind: 'warning', failure },
    })),
    announceStop: emit({ type: 'stopping' }),
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
        'jobs.reported': { actions: { type: 'tellAll', params: ({ event }) => event.reports } },
        'lines.misread': { actions: { type: 'tellMisread', params: ({ event }) => event.lines } },
        'helper.warned': { actions: { type: 'warn', params: ({ event }) => event.failure } },
        'helper.stopping': { actions: 'announceStop' },
      },
    },
  },
});
