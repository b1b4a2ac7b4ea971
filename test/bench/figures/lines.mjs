// @ts-check
// The lines of the table, as the rows give them.
import { spread } from './statistics.mjs';

/**
 * @typedef {object} Line
 * @property {string} row
 * @property {string} figure What the numbers are, with their unit.
 * @property {readonly number[]} helper One number a run.
 * @property {readonly number[]} against
 * @property {string} referenceName
 * @property {readonly number[]} reference Empty if nobody but us was run.
 * @property {readonly number[]} [againstReference] Where the other build has one of its own.
 * @property {number} [startsIn] How many starts are in one unit of the figure: CPU time, less the start's, is shown too.
 * @property {'ratio' | 'speed' | 'figure'} comparedBy Speed: the reference over ours.
 * @property {number} [must]
 * @property {number} [aim]
 * @property {boolean} [isUnsteady] Then it has no verdict.
 * @property {boolean} [isUnfinished] Not all of ours had everything when the time was up: whatever the figure says.
 * @property {string} [note]
 */

/** Libtorrent's walls may lie so far apart for a speed to count. */
const mostSpread = 0.15;
const bytesInGib = 2 ** 30;
const bytesInMib = 2 ** 20;

/** @param {import('./measure.mjs').Measurement} measurement */
export const wallSeconds = ({ wallMs }) => wallMs / 1000;
/** @param {import('./measure.mjs').Measurement} measurement */
export const peakMib = ({ peakBytes }) => peakBytes / bytesInMib;

/** @param {readonly import('../programs/torrent.mjs').Content[]} contents */
export function gibOf(contents) {
  return contents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0) / bytesInGib;
}

/**
 * CPU time a GiB, over libtorrent's.
 *
 * @param {string} row
 * @param {import('../scene.mjs').Task} task
 * @param {import('../side-by-side.mjs').SideBySide} results
 * @param {{ must: number, aim: number }} limits
 * @returns {Line}
 */
export function cpuLine(row, { contents }, { helper, against, libtorrent }, limits) {
  const gib = gibOf(contents);
  const cpu = (/** @type {import('./measure.mjs').Measurement} */ { cpuSeconds }) =>
    cpuSeconds / gib;
  return {
    row,
    figure: 'CPU s/GiB',
    helper: helper.map(cpu),
    against: against.map(cpu),
    referenceName: 'libtorrent',
    reference: libtorrent.map(cpu),
    startsIn: 1 / gib,
    comparedBy: 'ratio',
    ...limits,
  };
}

/**
 * Wall seconds, and how many times as fast as the reference that is.
 *
 * @param {Pick<Line, 'row' | 'figure' | 'helper' | 'against' | 'referenceName' | 'reference'>} walls
 * @param {{ must: number, aim: number }} limits
 * @returns {Line}
 */
export function speedLine(walls, limits) {
  const { referenceName, reference } = walls;
  if (reference.length === 0) return { ...walls, comparedBy: 'speed', ...limits };
  const apart = spread(reference);
  const isUnsteady = apart > mostSpread;
  const verdict = isUnsteady ? 'over 15 %, the speed does NOT count' : 'the speed counts';
  return {
    ...walls,
    comparedBy: 'speed',
    ...limits,
    isUnsteady,
    note: `${referenceName}'s walls lie ${(apart * 100).toFixed(0)} % apart: ${verdict}`,
  };
}
