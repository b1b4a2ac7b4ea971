// @ts-check
// What a handful of runs comes to.

/** @param {readonly number[]} figures */
export function median(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return (at(sorted, low) + at(sorted, high)) / 2;
}

/**
 * By how much the highest lies over the lowest: 0.15 is 15 %.
 *
 * @param {readonly number[]} figures
 */
export function spread(figures) {
  return Math.max(...figures) / Math.min(...figures) - 1;
}

/**
 * @param {readonly number[]} figures
 * @param {number} index
 */
function at(figures, index) {
  return figures[index] ?? Number.NaN;
}
