// Where on the pane a small map of the chart hides least of it.
import type { Chart } from '../../../charts/chart.js';
import type { PaneSize, View } from './view.js';

export type Corner = 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left';

const corners: readonly Corner[] = ['bottom-right', 'bottom-left', 'top-right', 'top-left'];

/**
 * @param map the size of what lies there, with what is around it, in px
 * @returns the first of those where the fewest words would be hidden
 */
export function quietCorner(chart: Chart, pane: PaneSize, view: View, map: PaneSize): Corner {
  const lines = [...chart.states, ...chart.edges].flatMap((drawn) => drawn.lines);
  const hiddenAt = (corner: Corner) => {
    const left = view.x + (corner.endsWith('left') ? 0 : (pane.width - map.width) / view.scale);
    const top = view.y + (corner.startsWith('top') ? 0 : (pane.height - map.height) / view.scale);
    const right = left + map.width / view.scale;
    const bottom = top + map.height / view.scale;
    return lines.filter(({ x, y, width }) => x < right && x + width > left && y > top && y < bottom)
      .length;
  };
  return corners.reduce((best, corner) => (hiddenAt(corner) < hiddenAt(best) ? corner : best));
}
