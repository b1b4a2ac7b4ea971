// @ts-check
// The helper, its other build if there is one, and libtorrent, with the same errand.
import { alternate, measureDownload } from './measure.mjs';
import { tellRun } from './tell.mjs';

/**
 * @typedef {object} Duel
 * @property {readonly import('./measure.mjs').Measurement[]} helper
 * @property {readonly import('./measure.mjs').Measurement[]} against Empty without another build.
 * @property {readonly import('./measure.mjs').Measurement[]} libtorrent Empty if it was not asked for.
 */

/**
 * @param {import('./workbench.mjs').Workbench} bench
 * @param {string} row
 * @param {import('./scene.mjs').Errand} errand
 * @returns {Promise<Duel>}
 */
export async function duel(bench, row, errand) {
  const { runs, helper, against, libtorrent } = bench;
  return alternate(
    runs,
    {
      helper: () => measureDownload(bench, helper, errand),
      against: against && (() => measureDownload(bench, against, errand)),
      libtorrent: libtorrent && (() => measureDownload(bench, libtorrent, errand)),
    },
    (name, result) => tellRun(row, name, result),
  );
}
