// A running helper as a live picture in a terminal: events and numbers in, at most ten pictures a second out, and none while
// nothing changes. It stands on what a user of the library has; a helper elsewhere is shown in the same way.
import type { Writable } from 'node:stream';
import type { HelperEvent } from '../helper/events/helper-event.js';
import type { JobStats } from '../helper/stats/job-stats.js';
import { eventLine } from './event-line.js';
import { farewellLines } from './farewell.js';
import { frameOf } from './frame/frame.js';
import { symbolsOf } from './frame/look.js';
import { lineAbove } from './line-above.js';
import { createModel, type JobLookup } from './model.js';
import { createScreen, type TerminalSize } from './screen.js';
import { type Colourful, type Environment, terminalLook } from './terminal-look.js';

export type { JobLookup };

/** What is shown. */
export interface ViewSource {
  /** Those that live. */
  readonly jobs: Iterable<JobLookup>;
  /** From the beginning on, or from now on; it ends with the helper. */
  events(options: { readonly signal: AbortSignal }): AsyncIterable<HelperEvent>;
  statsChanges(options: {
    readonly everyMs: number;
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly JobStats[]>;
  job(id: number): JobLookup | undefined;
}

/** A terminal that tells when it gets another size. */
export interface ViewTerminal extends TerminalSize, Colourful, Writable {}

export interface ViewOptions {
  /** What is written to, if not the terminal itself. */
  readonly output?: Writable | undefined;
  readonly env: Environment;
  /** Whether the terminal is another's for now: then nothing is drawn. */
  readonly isAside?: () => boolean;
  /** The name of the session, where its jobs come back by themselves. */
  readonly session?: string | undefined;
  /**
   * What stands below the jobs of a helper that is only watched: what it has to say is told from its events, and its end is
   * another's affair.
   */
  readonly watched?: string | undefined;
}

export interface LiveView {
  /** A line for people, above the picture; before there is one, and after the last, just below what is there. */
  tell(line: string): void;
  /** Resolves when all of it has left, which a terminal that stands still may put off for ever. */
  end(): Promise<void>;
  /** Resolves when what is shown has ended, and its last picture is drawn. Rejects when the terminal cannot be written. */
  show(source: ViewSource, signal?: AbortSignal): Promise<void>;
}

const frameMs = 100;
const statsMs = 500;
/** A terminal that is being resized is let alone for so long: what is drawn for a size that it no longer has would stay. */
const resizedMs = 100;
/** So many lines are told in one picture's time; what is more than that is counted. */
const mostLinesAFrame = 1_000;

export function createLiveView(terminal: ViewTerminal, options: ViewOptions): LiveView {
  const { output = terminal, env, session, watched, isAside = () => false } = options;
  const look = terminalLook(terminal, env);
  const screen = createScreen(terminal, output, () => {
    if (isLate) drawSoon();
    isLate = false;
  });
  // Where something is shown, that ends it.
  output.on('error', () => {});
  /** Something was to be drawn, and could not be yet. */
  let isLate = false;
  let above: string[] = [];
  let leftOut = 0;
  let drawnMs = 0;
  let timer: NodeJS.Timeout | undefined;
  /** Undefined while nothing is shown. */
  let picture: (() => readonly string[]) | undefined;

  const draw = (how: 'draw' | 'end' = 'draw') => {
    clearTimeout(timer);
    timer = undefined;
    drawnMs = Date.now();
    if (picture && how === 'draw') {
      isLate = screen.isBusy;
      if (isLate) return;
      if (isAside()) {
        screen.forget();
        return;
      }
    }
    if (leftOut > 0) above.push(`${leftOut} lines left out`);
    screen[how](picture?.() ?? [], above);
    above = [];
    leftOut = 0;
  };
  const drawSoon = () => {
    timer ??= setTimeout(() => draw(), Math.max(0, drawnMs + frameMs - Date.now()));
  };
  const resized = () => {
    clearTimeout(timer);
    timer = setTimeout(() => draw(), resizedMs);
  };
  const tell = (line: string) => {
    if (above.length < mostLinesAFrame) above.push(...lineAbove(line, look));
    else leftOut += 1;
    if (picture) drawSoon();
    else draw();
  };

  return {
    tell,
    end: () => new Promise((resolve) => output.write('', () => resolve())),
    async show(source, signal) {
      const ending = new AbortController();
      const end = () => ending.abort();
      signal?.addEventListener('abort', end, { once: true });
      if (signal?.aborted) end();
      const model = createModel((id) => source.job(id));
      model.setFooter(watched);
      picture = () => frameOf(model, screen.size, look);
      let isStopping = false;
      const onEvent = (event: HelperEvent) => {
        if (watched !== undefined) tellEvent(event, model.fileOf, tell);
        model.apply(event);
        if (event.type === 'helper.stopping' && watched === undefined) {
          isStopping = true;
          model.setFooter(`stopping ${symbolsOf(look).ellipsis} Ctrl-C again ends it at once`);
        }
        drawSoon();
      };
      const failed = new Promise<never>((_, reject) => output.on('error', reject));
      terminal.on('resize', resized);
      try {
        const numbers = readStats(source, ending.signal, (stats) => {
          model.measured(stats);
          drawSoon();
        });
        const events = readEvents(source, ending.signal, {
          onBegin() {
            model.begin(source.jobs);
            drawSoon();
          },
          onEvent,
        });
        await Promise.race([events, failed]);
        end();
        await Promise.race([numbers, failed]);
        model.setFooter(undefined);
        draw('end');
        picture = undefined;
        if (isStopping) for (const line of farewellLines(model.unfinished(), session)) tell(line);
      } finally {
        picture = undefined;
        end();
        clearTimeout(timer);
        timer = undefined;
        terminal.off('resize', resized);
        signal?.removeEventListener('abort', end);
      }
    },
  };
}

function tellEvent(
  event: HelperEvent,
  fileOf: (id: number) => string,
  tell: (line: string) => void,
): void {
  const line = eventLine(event, 'id' in event ? fileOf(event.id) : '');
  if (line !== undefined) tell(line);
}

interface EventReader {
  readonly onBegin: () => void;
  readonly onEvent: (event: HelperEvent) => void;
}

/** One who was too slow, as where a terminal stood still, hears no more; it begins anew with what is there. */
async function readEvents(
  source: ViewSource,
  signal: AbortSignal,
  { onBegin, onEvent }: EventReader,
): Promise<void> {
  for (;;) {
    try {
      const events = source.events({ signal });
      onBegin();
      for await (const event of events) onEvent(event);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EVENTS_LOST')) throw error;
    }
  }
}

async function readStats(
  source: ViewSource,
  signal: AbortSignal,
  onStats: (stats: readonly JobStats[]) => void,
): Promise<void> {
  for await (const stats of source.statsChanges({ everyMs: statsMs, signal })) onStats(stats);
}
