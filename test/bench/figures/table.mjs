// @ts-check
// The table, and what is said below it.
import { median } from './statistics.mjs';

/**
 * CPU seconds of a start, by who starts.
 *
 * @typedef {object} Starts
 * @property {number} helper
 * @property {number} against
 * @property {number} libtorrent
 */

/**
 * @typedef {object} Evaluation
 * @property {number} ratio
 * @property {number | undefined} ratioWithoutStart
 * @property {number | undefined} againstRatio
 * @property {string} verdict Empty: the line is only told.
 */

/**
 * @param {import('./lines.mjs').Line} line
 * @param {Starts} starts
 * @returns {Evaluation}
 */
export function evaluate(line, starts) {
  const { helper, against, reference, againstReference = reference, startsIn, comparedBy } = line;
  const over = (/** @type {number} */ ours, /** @type {number} */ theirs) =>
    comparedBy === 'speed' ? theirs / ours : ours / theirs;
  const ratio = over(median(helper), median(reference));
  const startOfReference = line.referenceName === 'libtorrent' ? starts.libtorrent : starts.helper;
  return {
    ratio,
    ratioWithoutStart:
      startsIn === undefined
        ? undefined
        : over(
            median(helper) - starts.helper * startsIn,
            median(reference) - startOfReference * startsIn,
          ),
    againstRatio: against.length > 0 ? over(median(against), median(againstReference)) : undefined,
    verdict: verdictOf(line, ratio),
  };
}

/**
 * @param {import('./lines.mjs').Line} line
 * @param {number} ratio
 */
function verdictOf({ comparedBy, helper, must, aim, isUnsteady, isUnfinished }, ratio) {
  if (isUnfinished) return 'NOT DONE';
  if (must === undefined || aim === undefined) return '';
  if (isUnsteady) return 'not judged';
  const value = comparedBy === 'figure' ? median(helper) : ratio;
  if (Number.isNaN(value)) return '';
  const keeps = (/** @type {number} */ limit) =>
    comparedBy === 'speed' ? value >= limit : value <= limit;
  if (keeps(aim)) return 'aim kept';
  return keeps(must) ? 'must kept' : 'MISSED';
}

/**
 * @param {readonly import('./lines.mjs').Line[]} lines
 * @param {Starts} starts
 * @param {boolean} hasAgainst
 */
export function renderTable(lines, starts, hasAgainst) {
  const head = [
    ...['row', 'figure', 'helper', 'reference', '', 'ratio', 'no start', 'must', 'aim', ''],
    ...(hasAgainst ? ['against', 'ratio', 'helper/against'] : []),
  ];
  const cells = lines.map((line) => {
    const { row, figure, helper, against, reference, referenceName, comparedBy, must, aim } = line;
    const { ratio, ratioWithoutStart, againstRatio, verdict } = evaluate(line, starts);
    const sign = comparedBy === 'speed' ? '>=' : '<=';
    const limit = (/** @type {number | undefined} */ value) =>
      value === undefined ? '' : `${sign} ${value}`;
    const builds = [
      against.length > 0 ? range(against) : '',
      number(againstRatio),
      against.length > 0 ? number(median(helper) / median(against)) : '',
    ];
    return [
      ...[row, figure, range(helper), range(reference), referenceName],
      ...[number(ratio), number(ratioWithoutStart), limit(must), limit(aim), verdict],
      ...(hasAgainst ? builds : []),
    ];
  });
  const all = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {readonly number[]} figures */
function range(figures) {
  if (figures.length === 0) return '-';
  const [low, high] = [Math.min(...figures), Math.max(...figures)];
  return `${number(median(figures))} (${number(low)}-${number(high)})`;
}

/** @param {number | undefined} value */
function number(value) {
  if (value === undefined || Number.isNaN(value)) return '';
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
