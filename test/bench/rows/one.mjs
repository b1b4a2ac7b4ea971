// @ts-check
// 1 GiB from one peer: CPU time, speed and memory.

import { cpuLine, peakMib, speedLine, wallSeconds } from '../figures/lines.mjs';
import { playScene } from '../scene.mjs';
import { runSideBySide } from '../side-by-side.mjs';

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @returns {Promise<import('../figures/lines.mjs').Line[]>}
 */
export async function one(bench) {
  const contents = await bench.contents(1, 2 ** 30);
  return playScene(bench, { contents, pieceBytes: 2 ** 20 }, async (taskWith) => {
    const task = await taskWith(1);
    const result = await runSideBySide(bench, 'one', task);
    const { helper, against, libtorrent } = result;
    const referenceName = 'libtorrent';
    return [
      cpuLine('one', task, result, { must: 1.15, aim: 1 }),
      speedLine(
        {
          row: 'one',
          figure: 'wall s',
          helper: helper.map(wallSeconds),
          against: against.map(wallSeconds),
          referenceName,
          reference: libtorrent.map(wallSeconds),
        },
        { must: 1, aim: 1.2 },
      ),
      {
        row: 'memory',
        figure: 'peak MiB',
        helper: helper.map(peakMib),
        against: against.map(peakMib),
        referenceName,
        reference: libtorrent.map(peakMib),
        comparedBy: 'figure',
        must: 130,
        aim: 100,
        note: 'libtorrent maps the file it writes, so its peak holds the file',
      },
    ];
  });
}
