// How large the boxes of a chart must be for what is written in them, and where in them each word stands.

/** Of a character of a monospace font, to its size. Another font is drawn into the same width. */
const aspect = 0.602;
/** In px, as src/inspection/page/chart/drawing/drawing.css has them. */
const fontSizes = { leaf: 12, compound: 15, line: 11 };
const lineHeight = 14;
const margin = 9;
/** Of what holds the name. */
const bandHeights = { leaf: 24, compound: 32 };
const historyDiameter = 22;
/** A state that holds others has its lines beside each other, when there are more. */
const mostLinesInColumn = 8;
const columnGap = 18;
/** Around the states within a state. */
export const padding = 12;

/** @typedef {import('./written.mjs').Written} Written */

export const textWidth = (text, size = fontSizes.line) => text.length * aspect * size;

/** The block of lines that a state which holds others has among them. */
export const blockOf = (id) => `${id}#lines`;

/**
 * Of a state that holds no others.
 * @param {{ key: string, type: string }} state
 * @param {readonly Written[]} lines
 */
export function sizeOf({ key, type }, lines) {
  if (type === 'history') return { width: historyDiameter, height: historyDiameter };
  const name = textWidth(key, fontSizes.leaf);
  const width = Math.max(name, ...lines.map(({ text }) => textWidth(text)));
  const below = lines.length === 0 ? 0 : lines.length * lineHeight + 5;
  return { width: width + 2 * margin, height: bandHeights.leaf + below };
}

/**
 * What a state that holds others needs besides them: a band for its name, and a block for its lines: below the name, unless it is one of
 * the boxes that elk places, because arrows begin at it.
 * @param {{ id: string, key: string }} state
 * @param {readonly Written[]} lines
 * @param {boolean} isBegun
 */
export function titleOf({ id, key }, lines, isBegun) {
  const columns = columnsOf(lines);
  const block = {
    ...{ id: blockOf(id), x: padding, y: bandHeights.compound },
    width: columns.reduce((sum, { width }) => sum + width + columnGap, -columnGap),
    height: columns[0] ? columns[0].lines.length * lineHeight + 4 : 0,
  };
  const name = textWidth(key, fontSizes.compound);
  return {
    width: 2 * padding + (isBegun ? name : Math.max(name, block.width)),
    height: bandHeights.compound + (isBegun || lines.length === 0 ? 0 : block.height + 8),
    blocks: lines.length > 0 ? [block] : [],
  };
}

/**
 * What stands in a box, where elk has put it.
 * @param {{ id: string, key: string, type: string }} state
 * @param {readonly Written[]} lines
 * @param {ReadonlyMap<string, { x: number, y: number }>} placed
 */
export function linesIn({ id, key, type }, lines, placed) {
  const box = placed.get(id);
  const isCompound = type === 'compound' || type === 'parallel';
  const size = isCompound ? fontSizes.compound : fontSizes.leaf;
  const name = {
    text: key,
    kind: 'name',
    x: box.x + margin,
    y: box.y + (isCompound ? 21 : 16),
    width: textWidth(key, size),
  };
  if (type === 'history')
    return [{ ...name, text: 'H', x: box.x + 7, y: box.y + 15.5, width: 7.3 }];
  const block = placed.get(blockOf(id));
  if (!block) {
    const top = box.y + bandHeights.leaf;
    return [name, ...lines.map((line, index) => placedLine(line, box.x + margin, top, index))];
  }
  let left = block.x;
  const columns = columnsOf(lines).flatMap((column) => {
    const x = left;
    left += column.width + columnGap;
    return column.lines.map((line, index) => placedLine(line, x, block.y, index));
  });
  return [name, ...columns];
}

/** The lines of a label, where elk has put it. */
export function linesOn(label, lines) {
  return lines.map((line, index) => placedLine(line, label.x + 3, label.y, index));
}

export function labelOf(lines) {
  const width = Math.max(...lines.map(({ text }) => textWidth(text)));
  // Elk passes over a label without a text.
  return { text: lines[0].text, width: width + 6, height: lines.length * lineHeight };
}

function placedLine(line, x, top, index) {
  return { ...line, x, y: top + index * lineHeight + 11, width: textWidth(line.text) };
}

function columnsOf(lines) {
  if (lines.length === 0) return [];
  const count = Math.ceil(lines.length / mostLinesInColumn);
  const length = Math.ceil(lines.length / count);
  return Array.from({ length: count }, (_, column) => {
    const own = lines.slice(column * length, (column + 1) * length);
    return { lines: own, width: Math.max(0, ...own.map(({ text }) => textWidth(text))) };
  }).filter(({ lines: own }) => own.length > 0);
}
