// The soak itself: tasks, faults, visits and questions, each in loops of their own, with two moments of rest at which the
// figures are taken that are compared.
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { createRandom } from '../support/random.js';
import { faults } from './faults/faults.js';
import { startRecorder } from './figures/recorder.js';
import type { Comparison } from './figures/report.js';
import type { Processes } from './helper/processes.js';
import type { SoakOptions } from './parse-options.js';
import type { FullScene } from './scene.js';
import { keepBusy } from './tasks/tasks.js';
import { visitAll, visitAsAria2, visitAsHelper } from './tasks/visitors.js';
import { startClock } from './waiting/clock.js';
import { createRest } from './waiting/rest.js';
import { about, pause } from './waiting/waiting.js';

const longestSampleMs = 5_000;
const probeEveryMs = 5_000;
const visitEveryMs = 3_000;
const turnOverEveryMs = 1_000;
/** Resident memory was seen to rise for some minutes and then to stay, while what JavaScript uses stayed all along. */
const warmUpMinutes = 3;
/** Between two tasks with one slot. */
const taskEveryMs = 30_000;

export async function runSoak(
  scene: FullScene,
  options: SoakOptions,
  processes: Processes,
): Promise<readonly Comparison[]> {
  const { measured, helpers, slots, crowd, journal, over: stopped } = scene;
  const done = new AbortController();
  const over = AbortSignal.any([stopped, done.signal]);
  setMaxListeners(0, over);
  const rest = createRest();
  const lengthMs = options.minutes * 60_000;
  const clock = startClock(lengthMs);
  const everyMs = Math.min(longestSampleMs, lengthMs / 50);
  const recorders = measured.map((helper) =>
    startRecorder({
      ...{ helper, strangers: scene.strangers, everyMs },
      ...{ progress: clock.progress, note: journal.note },
    }),
  );
  const randomOf = (loop: string) => createRandom(`${options.seed} ${loop}`);

  /** Does it again and again, with pauses. */
  const keepDoing = async (loop: string, meanPauseMs: number, task: () => Promise<void>) => {
    const random = randomOf(`pauses of ${loop}`);
    while (!over.aborted) {
      await pause(about(meanPauseMs, random), over);
      if (over.aborted) return;
      await rest
        .during(task)
        .catch(
          (error: unknown) => stopped.aborted || journal.complain(`${loop}: ${String(error)}`),
        );
    }
  };
  const visitAs = (loop: string) => ({
    slots,
    processes,
    journal,
    over: stopped,
    folder: join(scene.folder, 'visitors'),
    command: scene.command,
    trackerUrl: scene.tracker.announceUrl,
    random: randomOf(loop),
  });

  const all = Promise.all([
    ...slots.map((slot) => {
      const random = randomOf(`tasks ${slot.number}`);
      const pace = { parts: options.with, meanPauseMs: taskEveryMs };
      return keepBusy(slot, { journal, rest, over, random, ...pace });
    }),
    ...faults()
      .filter(({ part }) => options.with.has(part))
      .map(({ part, meanPauseMs, carryOut }, index) => {
        const random = randomOf(`faults ${index}`);
        return keepDoing(`${part} ${index}`, meanPauseMs, () => carryOut(scene, random));
      }),
    ...(options.with.has('visitors') ? ['visitor 1', 'visitor 2'] : []).map((loop) => {
      const asked = visitAs(loop);
      return keepDoing(loop, visitEveryMs, () =>
        asked.random.chance(0.8) ? visitAsHelper(asked) : visitAsAria2(asked),
      );
    }),
    ...(options.crowd > 0 ? [keepDoing('crowd', turnOverEveryMs, () => crowd.turnOver())] : []),
    ...helpers.map((helper) =>
      keepDoing(`list: to ${helper.name}`, probeEveryMs, () => helper.probe()),
    ),
  ]);

  /** Nothing is under way, every torrent has just been downloaded once more, and all garbage is gone. */
  const settle = async () => {
    clock.stop();
    await rest.begin();
    journal.note('resting');
    await visitAll(visitAs('census'));
    const figures = await Promise.all(recorders.map(({ atRest }) => atRest(stopped)));
    journal.note(`at rest: ${JSON.stringify(figures)}`);
    rest.end();
    clock.start();
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
