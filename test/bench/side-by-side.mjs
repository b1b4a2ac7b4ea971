// @ts-check
// The helper, its other build if there is one, and libtorrent, with the same task.
import { alternate, measureDownload } from './figures/measure.mjs';
import { tellRun } from './figures/tell.mjs';

/**
 * @typedef {object} SideBySide
 * @property {readonly import('./figures/measure.mjs').Measurement[]} helper
 * @property {readonly import('./figures/measure.mjs').Measurement[]} against Empty without another build.
 * @property {readonly import('./figures/measure.mjs').Measurement[]} libtorrent Empty if it was not asked for.
 */

/**
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {string} row
 * @param {import('./scene.mjs').Task} task
 * @returns {Promise<SideBySide>}
 */
export async function runSideBySide(bench, row, task) {
  const { runs, helper, against, libtorrent } = bench;
  return alternate(
    runs,
    {
      helper: () => measureDownload(bench, helper, task),
      against: against && (() => measureDownload(bench, against, task)),
      libtorrent: libtorrent && (() => measureDownload(bench, libtorrent, task)),
    },
    (name, result) => tellRun(row, name, result),
  );
}
