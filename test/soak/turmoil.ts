// The soak itself: deeds, faults, visits and questions, each in lanes of their own, with two moments of rest at which the
// figures are taken that are compared.
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { createRandom } from '../fuzz/random.js';
import { startClock } from './clock.js';
import { keepBusy } from './deeds.js';
import { lanes } from './faults.js';
import type { SoakOptions } from './parse-options.js';
import type { Processes } from './processes.js';
import { startRecorder } from './recorder.js';
import type { Comparison } from './report.js';
import { createRest } from './rest.js';
import type { FullScene } from './scene.js';
import { visitAll, visitAsAria2, visitAsHelper } from './visitors.js';
import { about, pause } from './waiting.js';

const longestSampleMs = 5_000;
const probeEveryMs = 5_000;
const visitEveryMs = 3_000;
/** Resident memory was seen to rise for some minutes and then to stay, while what JavaScript holds stayed all along. */
const warmUpMinutes = 3;
/** Between two deeds with one slot. */
const deedEveryMs = 30_000;

export async function runTurmoil(
  scene: FullScene,
  options: SoakOptions,
  processes: Processes,
): Promise<readonly Comparison[]> {
  const { measured, helpers, slots, journal, over: stopped } = scene;
  const done = new AbortController();
  const over = AbortSignal.any([stopped, done.signal]);
  setMaxListeners(0, over);
  const rest = createRest();
  const lengthMs = options.minutes * 60_000;
  const clock = startClock(lengthMs);
  const everyMs = Math.min(longestSampleMs, lengthMs / 50);
  const recorders = measured.map((helper) =>
    startRecorder({ helper, everyMs, progress: clock.progress, note: journal.note }),
  );
  const randomOf = (lane: string) => createRandom(`${options.seed} ${lane}`);

  /** Does it again and again, with pauses. */
  const keepDoing = async (lane: string, meanPauseMs: number, deed: () => Promise<void>) => {
    const random = randomOf(`pauses of ${lane}`);
    while (!over.aborted) {
      await pause(about(meanPauseMs, random), over);
      if (over.aborted) return;
      await rest
        .during(deed)
        .catch(
          (error: unknown) => stopped.aborted || journal.complain(`${lane}: ${String(error)}`),
        );
    }
  };
  const visitAs = (lane: string) => ({
    ...{ slots, processes, journal, over: stopped },
    folder: join(scene.folder, 'visitors'),
    command: scene.command,
    trackerUrl: scene.tracker.announceUrl,
    random: randomOf(lane),
  });

  const all = Promise.all([
    ...slots.map((slot) => {
      const random = randomOf(`deeds ${slot.number}`);
      const pace = { parts: options.with, meanPauseMs: deedEveryMs };
      return keepBusy(slot, { journal, rest, over, random, ...pace });
    }),
    ...lanes()
      .filter(({ part }) => options.with.has(part))
      .map(({ part, meanPauseMs, strike }, index) => {
        const random = randomOf(`faults ${index}`);
        return keepDoing(`${part} ${index}`, meanPauseMs, () => strike(scene, random));
      }),
    ...(options.with.has('visitors') ? ['visitor 1', 'visitor 2'] : []).map((lane) => {
      const asked = visitAs(lane);
      return keepDoing(lane, visitEveryMs, () =>
        asked.random.chance(0.8) ? visitAsHelper(asked) : visitAsAria2(asked),
      );
    }),
    ...helpers.map((helper) =>
      keepDoing(`list: to ${helper.name}`, probeEveryMs, () => helper.probe()),
    ),
  ]);

  /** Nothing is under way, every torrent has just been downloaded once more, and all garbage is gone. */
  const settle = async () => {
    clock.hold();
    await rest.begin();
    journal.note('resting');
    await visitAll(visitAs('census'));
    const figures = await Promise.all(recorders.map(({ atRest }) => atRest(stopped)));
    journal.note(`at rest: ${JSON.stringify(figures)}`);
    rest.end();
    clock.goOn();
    return figures;
  };

  // After the second tenth, in a long soak.
  const warmAt = Math.min(0.5, Math.max(0.2, warmUpMinutes / options.minutes));
  await clock.until(warmAt, over);
  const early = await settle();
  await clock.until(1, over);
  done.abort();
  const late = await settle();
  await all;
  return recorders.flatMap(({ name, between, stop }, index) => {
    stop();
    const [before, after] = [early[index], late[index]];
    if (!before || !after) return [];
    const busy = [between(warmAt - 0.1, warmAt), between(0.9, 1)] as const;
    return { helper: name, settled: [before, after], busy };
  });
}
