// @ts-check
// 1 GiB from fifty peers, over the same from one of them.
import { gibOf } from '../figures/lines.mjs';
import { alternate, measureDownload } from '../figures/measure.mjs';
import { tellRun } from '../figures/tell.mjs';
import { playScene } from '../scene.mjs';

/**
 * @param {import('../workbench.mjs').Workbench} bench
 * @returns {Promise<import('../figures/lines.mjs').Line[]>}
 */
export async function fifty(bench) {
  const contents = await bench.contents(1, 2 ** 30);
  const scene = { contents, pieceBytes: 2 ** 20, seeders: 50 };
  return playScene(bench, scene, async (taskWith) => {
    const [from1, from50] = [await taskWith(1), await taskWith(50)];
    const { runs, helper, against, libtorrent } = bench;
    const results = await alternate(
      runs,
      {
        'helper 1': () => measureDownload(bench, helper, from1),
        'helper 50': () => measureDownload(bench, helper, from50),
        'against 1': against && (() => measureDownload(bench, against, from1)),
        'against 50': against && (() => measureDownload(bench, against, from50)),
        'libtorrent 50': libtorrent && (() => measureDownload(bench, libtorrent, from50)),
      },
      (name, result) => tellRun('fifty', name, result),
    );
    const cpu = (
      /** @type {readonly import('../figures/measure.mjs').Measurement[]} */ measurements,
    ) => measurements.map(({ cpuSeconds }) => cpuSeconds / gibOf(contents));
    /** @type {Pick<import('../figures/lines.mjs').Line, 'row' | 'figure' | 'helper' | 'against' | 'startsIn' | 'comparedBy'>} */
    const shared = {
      row: 'fifty',
      figure: 'CPU s/GiB',
      helper: cpu(results['helper 50']),
      against: cpu(results['against 50']),
      startsIn: 1 / gibOf(contents),
      comparedBy: 'ratio',
    };
    return [
      {
        ...shared,
        referenceName: 'own, 1 peer',
        reference: cpu(results['helper 1']),
        againstReference: cpu(results['against 1']),
        must: 1.3,
        aim: 1.1,
      },
      { ...shared, referenceName: 'libtorrent', reference: cpu(results['libtorrent 50']) },
    ];
  });
}
