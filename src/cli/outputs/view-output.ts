// A live view, for people at a terminal. What draws it lies in a file of its own, which is read where it is shown and else never.
import { platform } from 'node:os';
import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { maxLineBytes } from '../../protocol/instruction-line.js';
import type { HelperOutput } from './output.js';

interface PerhapsTerminal {
  readonly isTTY?: boolean | undefined;
}

export interface PerhapsPeople {
  readonly stdin: PerhapsTerminal;
  readonly stdout: PerhapsTerminal;
  readonly stderr: PerhapsTerminal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Nothing here is a pipe or a file, so nobody but a person reads it, in a terminal that can be drawn on. */
export function isForPeople({ stdin, stdout, stderr, env }: PerhapsPeople): boolean {
  const { CI = '', TERM = platform() === 'win32' ? 'windows' : '' } = env;
  const areTerminals = [stdin, stdout, stderr].every(({ isTTY }) => isTTY === true);
  return areTerminals && CI === '' && TERM !== '' && TERM !== 'dumb';
}

export interface ViewParts {
  readonly stdout: Writable & Partial<Pick<WriteStream, 'columns' | 'rows' | 'hasColors'>>;
  readonly env: PerhapsPeople['env'];
  /** The name of the session, where there is one. */
  readonly session: string | undefined;
}

export async function viewOutput({ stdout, env, session }: ViewParts): Promise<HelperOutput> {
  const { createLiveView } = await import('../../terminal/live-view.js');
  const view = createLiveView(stdout, { env, session });
  return {
    people: { write: view.tell, end: async () => {} },
    begin: ({ helper }) => ({
      written: view.show({
        get jobs() {
          return helper.jobs;
        },
        job: (id) => helper.job(id),
        events: (options) => helper.events(options),
        statsChanges: (options) => helper.statsChanges(options),
      }),
      maxLineBytes,
      take(line) {
        helper.send(line);
        return undefined;
      },
    }),
  };
}
