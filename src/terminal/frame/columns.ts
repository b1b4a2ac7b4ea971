// Text for so many columns of a terminal: a wide character takes two, an accent none. What comes in is escaped already.
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** What a character may bring of marks that take no column; one that has more is cut like the rest. */
const unitsAColumn = 16;

/** Cut in its middle where it is too wide, so that both how it begins and how it ends is seen, as the number of a part. */
export function cutMiddle(text: string, columns: number, ellipsis: string): string {
  if (columns <= 0) return '';
  if (fits(text, columns)) return text;
  const room = columns - ellipsis.length;
  if (room <= 0) return ellipsis.slice(0, columns);
  const tail = last(text, Math.floor(room / 3));
  return first(text, room - stringWidth(tail)) + ellipsis + tail;
}

/** Cut at its end where it is too wide. */
export function cutEnd(text: string, columns: number, ellipsis: string): string {
  if (columns <= 0) return '';
  if (fits(text, columns)) return text;
  return first(text, columns - ellipsis.length) + ellipsis.slice(0, columns);
}

/** Cut in its middle or filled up: exactly so wide. */
export function exactly(text: string, columns: number, ellipsis: string): string {
  const cut = cutMiddle(text, columns, ellipsis);
  return cut + ' '.repeat(Math.max(0, columns - stringWidth(cut)));
}

/** Whoever named it may have written a megabyte: only as much is measured as could be shown. */
function fits(text: string, columns: number): boolean {
  return text.length <= columns * unitsAColumn && stringWidth(text) <= columns;
}

function first(text: string, columns: number): string {
  if (columns <= 0) return '';
  const cut = sliceAnsi(withoutHalves(text.slice(0, columns * unitsAColumn)), 0, columns);
  // A wide character that lies across the cut comes whole.
  return stringWidth(cut) <= columns ? cut : first(text, columns - 1);
}

function last(text: string, columns: number): string {
  if (columns <= 0) return '';
  const end = withoutHalves(text.slice(-columns * unitsAColumn));
  const cut = sliceAnsi(end, stringWidth(end) - columns);
  return stringWidth(cut) <= columns ? cut : last(text, columns - 1);
}

/** A cut by length may go through a character. */
function withoutHalves(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}

/** How wide it is, up to `atMost`. */
export function widthOf(text: string, atMost: number): number {
  return Math.min(atMost, stringWidth(text.slice(0, atMost * unitsAColumn)));
}
