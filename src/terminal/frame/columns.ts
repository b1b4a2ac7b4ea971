// Text for so many columns of a terminal: a wide character takes two, an accent none. What comes in is escaped already.
//
// To measure what is not ASCII takes its time, and a stranger may have chosen the name. So what was measured is remembered:
// a picture is drawn many times, and the names in it are the same.
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

/** What a character may bring of marks that take no column; one that has more is cut like the rest. */
const unitsAColumn = 8;

/** Cut in its middle where it is too wide, so that both how it begins and how it ends is seen, as the number of a part. */
export function cutMiddle(text: string, columns: number, ellipsis: string): string {
  if (columns <= 0) return '';
  if (fits(text, columns)) return text;
  const room = columns - ellipsis.length;
  if (room <= 0) return ellipsis.slice(0, columns);
  const tail = last(text, Math.floor(room / 3));
  return first(text, room - widthOf(tail, room)) + ellipsis + tail;
}

/** Cut at its end where it is too wide. */
export function cutEnd(text: string, columns: number, ellipsis: string): string {
  if (columns <= 0) return '';
  if (fits(text, columns)) return text;
  return first(text, columns - ellipsis.length) + ellipsis.slice(0, columns);
}

/** Cut in its middle or filled up: exactly so wide. */
export function exactly(text: string, columns: number, ellipsis: string): string {
  return remembered(cuts, `${columns} ${ellipsis} ${text}`, () => {
    const cut = cutMiddle(text, columns, ellipsis);
    return cut + ' '.repeat(Math.max(0, columns - widthOf(cut, columns)));
  });
}

/** How wide it is, up to `atMost`. */
export function widthOf(text: string, atMost: number): number {
  const some = text.slice(0, atMost * unitsAColumn);
  const width = isPlain(some) ? some.length : remembered(widths, some, () => stringWidth(some));
  return Math.min(atMost, width);
}

/** Whoever named it may have written a megabyte: only as much is measured as could be shown. */
function fits(text: string, columns: number): boolean {
  return text.length <= columns * unitsAColumn && widthOf(text, columns + 1) <= columns;
}

function first(text: string, columns: number): string {
  if (columns <= 0) return '';
  const some = withoutHalves(text.slice(0, columns * unitsAColumn));
  if (isPlain(some)) return some.slice(0, columns);
  const cut = sliceAnsi(some, 0, columns);
  // A wide character that lies across the cut comes whole.
  return stringWidth(cut) <= columns ? cut : first(text, columns - 1);
}

function last(text: string, columns: number): string {
  if (columns <= 0) return '';
  const some = withoutHalves(text.slice(-columns * unitsAColumn));
  if (isPlain(some)) return some.slice(-columns);
  const cut = sliceAnsi(some, stringWidth(some) - columns);
  return stringWidth(cut) <= columns ? cut : last(text, columns - 1);
}

function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** A cut by length may go through a character. */
function withoutHalves(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
}

const cuts = new Map<string, string>();
const widths = new Map<string, number>();
/** Some pictures' worth. */
const mostRemembered = 500;

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  if (!known.has(key)) {
    if (known.size >= mostRemembered) known.clear();
    known.set(key, found);
  }
  return found;
}
