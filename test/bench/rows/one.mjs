// @ts-check
// 1 GiB from one peer: CPU time, speed and memory.
import { duel } from '../duel.mjs';
import { cpuLine, peakMib, speedLine, wallSeconds } from '../lines.mjs';
import { playScene } from '../scene.mjs';

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @returns {Promise<import('../lines.mjs').Line[]>}
 */
export async function one(bench) {
  const contents = await bench.contents(1, 2 ** 30);
  return playScene(bench, { contents, pieceBytes: 2 ** 20 }, async (errandWith) => {
    const errand = await errandWith(1);
    const result = await duel(bench, 'one', errand);
    const { helper, against, libtorrent } = result;
    const referenceName = 'libtorrent';
    return [
      cpuLine('one', errand, result, { must: 1.15, aim: 1 }),
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
        judged: 'figure',
        must: 130,
        aim: 100,
        note: 'libtorrent maps the file it writes, so its peak holds the file',
      },
    ];
  });
}
