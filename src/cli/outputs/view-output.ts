// A live view, for people at a terminal. What draws it lies in a file of its own, which is read where it is shown and else never.
import { platform } from 'node:os';
import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { maxLineBytes } from '../../protocol/instruction-line.js';
import { openUnblocked } from '../../stdio/unblocked-terminal.js';
import type { LiveView, ViewOptions } from '../../terminal/live-view.js';
import { readStat } from '../processes/process-stat.js';
import type { HelperOutput } from './output.js';

interface PerhapsTerminal {
  readonly isTTY?: boolean | undefined;
}

export interface PerhapsPeople {
  readonly stdin: PerhapsTerminal;
  readonly stdout: PerhapsTerminal;
  readonly stderr: PerhapsTerminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}

/** Nothing here is a pipe or a file, so nobody but a person reads it, in a terminal that can be drawn on, and is ours. */
export function isForPeople({ stdin, stdout, stderr, env, pid }: PerhapsPeople): boolean {
  const { CI = '', TERM = platform() === 'win32' ? 'windows' : '' } = env;
  const areTerminals = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);
  return areTerminals && CI === '' && TERM !== '' && TERM !== 'dumb' && !isInBackground(pid);
}

/** Whoever is in front writes to the terminal then, as a shell does its prompt. */
export function isInBackground(pid: number): boolean {
  return readStat(pid)?.isInBackground ?? false;
}

export interface ViewParts {
  readonly stdout: Writable & Partial<Pick<WriteStream, 'columns' | 'rows' | 'hasColors'>>;
  readonly env: PerhapsPeople['env'];
  readonly pid: number;
}

export async function openView(
  { stdout, env, pid }: ViewParts,
  options: Pick<ViewOptions, 'session' | 'watched'>,
): Promise<LiveView> {
  const { createLiveView } = await import('../../terminal/live-view.js');
  const output = openUnblocked();
  return createLiveView(stdout, { ...options, env, output, isAside: () => isInBackground(pid) });
}

/** `session`: its name, where there is one. */
export async function viewOutput(
  parts: ViewParts,
  session: string | undefined,
): Promise<HelperOutput> {
  const view = await openView(parts, { session });
  return {
    people: { write: view.tell, end: view.end },
    begin: ({ helper, give }) => ({
      written: view.show({
        get jobs() {
          return helper.jobs;
        },
        job: (id) => helper.job(id),
        events: (options) => helper.events(options),
        statsChanges: (options) => helper.statsChanges(options),
      }),
      maxLineBytes,
      take(batch) {
        give(batch);
        return undefined;
      },
    }),
  };
}
