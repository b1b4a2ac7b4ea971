// Takes the figures of the measured helpers every five seconds, and at rest when it is told to.
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestedHelper } from '../helper/tested-helper.js';
import { pause } from '../waiting/waiting.js';
import { average, type Figures, measure } from './measure.js';

export interface Recorder {
  /** The helper's. */
  readonly name: string;
  /** The average between two moments, each from 0 (the beginning) to 1 (the end). */
  between(from: number, to: number): Figures;
  /** Waits until what nobody uses has been let go, collects all garbage, and measures. */
  atRest(over: AbortSignal): Promise<Figures>;
  stop(): void;
}

interface Sample extends Figures {
  readonly progress: number;
}

export interface RecorderOptions {
  readonly helper: TestedHelper;
  /** Where strangers come from, if there are any. */
  readonly strangers: string | undefined;
  /** How much of the soak is over, from 0 to 1. */
  readonly progress: () => number;
  readonly everyMs: number;
  readonly note: (line: string) => void;
}

/** A torrent is awake for up to twice half a minute after its last peer; files, threads and connections are kept for less. */
const letGoMs = 65_000;
const collections = 3;
const samplesAtRest = 5;

export function startRecorder({
  helper,
  strangers,
  progress,
  everyMs,
  note,
}: RecorderOptions): Recorder {
  const samples: Sample[] = [];
  const look = async () => {
    const at = progress();
    const figures = await measure(helper.pid, strangers);
    if (!figures) return;
    samples.push({ ...figures, progress: at });
    note(`${helper.name} takes ${JSON.stringify(figures)}`);
  };
  const timer = setInterval(() => void look(), everyMs);
  void look();
  return {
    name: helper.name,
    between: (from, to) =>
      average(samples.filter((sample) => sample.progress >= from && sample.progress <= to)),
    async atRest(over) {
      await pause(letGoMs, over);
      for (let count = 0; count < collections; count += 1) {
        await rm(helper.heapFolder, { recursive: true });
        await mkdir(helper.heapFolder);
        helper.signal('SIGWINCH');
        await pause(2_000, over);
      }
      const heapMib = await heapOf(helper);
      const settled: Figures[] = [];
      for (let count = 0; count < samplesAtRest; count += 1) {
        await pause(1_000, over);
        const figures = await measure(helper.pid, strangers);
        if (figures) settled.push({ ...figures, heapMib });
      }
      return average(settled);
    },
    stop: () => clearInterval(timer),
  };
}

async function heapOf({ heapFolder }: TestedHelper): Promise<number> {
  const threads = await readdir(heapFolder);
  const texts = threads.map((thread) => readFile(join(heapFolder, thread), 'utf8'));
  return (await Promise.all(texts)).reduce((sum, text) => sum + Number(text), 0) / 2 ** 20;
}
