import { expect, it } from 'vitest';
import { createActor } from 'xstate';
import { type MonitorEvent, monitorMachine } from '../../../machines/monitor.js';
import type { Diagnostic } from '../../../machines/types.js';
import { failure } from '../../support/machines/torrent-walks.js';

const job = { id: 1, kind: 'download', file: 'a.iso', state: 'seeding' } as const;

/** What a person is told when that is reported. */
function told(event: MonitorEvent): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const monitor = createActor(monitorMachine).start();
  monitor.on('diagnosed', ({ diagnostic }) => diagnostics.push(diagnostic));
  monitor.send(event);
  return diagnostics;
}

it('the monitor warns of a job by its id, file and command, and of the helper by neither', () => {
  expect(told({ type: 'job.relocationFailed', job, failure })).toEqual([
    { kind: 'warning', id: 1, file: 'a.iso', command: 'move', failure },
  ]);
  expect(told({ type: 'job.commandFailed', job, command: 'verify', failure })).toEqual([
    { kind: 'warning', id: 1, file: 'a.iso', command: 'verify', failure },
  ]);
  expect(told({ type: 'helper.warned', failure })).toEqual([{ kind: 'warning', failure }]);
});
