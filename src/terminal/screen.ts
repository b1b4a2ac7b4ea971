// The drawing: one picture that is replaced in its place, and lines above it that stay. What is drawn at once leaves as one
// write, so that nothing flickers. The cursor is let alone: whatever ends the process, the terminal is as it was.
import { Writable } from 'node:stream';
import { createLogUpdate } from 'log-update';
import { widthOf } from './frame/columns.js';
import type { Size } from './frame/frame.js';

/** How large a terminal is, as Node has it. */
export interface TerminalSize {
  readonly columns?: number;
  readonly rows?: number;
}

export interface Screen {
  readonly size: Size;
  /** What was drawn last has not left yet: the terminal stands still. */
  readonly isBusy: boolean;
  /** `above`: lines that stay, above the picture from now on; they are not cut, so that a link can be copied whole. */
  draw(picture: readonly string[], above: readonly string[]): void;
  /** Others have written meanwhile: the next picture is drawn below that. */
  forget(): void;
  /** This picture stays; what is written next comes below it. */
  end(picture: readonly string[], above: readonly string[]): void;
}

/** What shows it at once where the terminal can, and is passed over where it cannot. */
const [begin, commit] = ['\x1b[?2026h', '\x1b[?2026l'];
/** A name that is wider than we know, as some emoji are, is cut off at the edge instead of breaking the picture. */
const [withoutWrap, withWrap] = ['\x1b[?7l', '\x1b[?7h'];

/** `onWritten`: what was drawn has left. */
export function createScreen(
  terminal: TerminalSize,
  output: Writable,
  onWritten: () => void = () => {},
): Screen {
  let written = '';
  const collector = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const size = (): Size => ({ columns: terminal.columns || 80, rows: terminal.rows || 24 });
  Object.defineProperties(collector, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  });
  const update = createLogUpdate(collector, { showCursor: true });
  let drawn: readonly string[] = [];
  let drawnColumns = size().columns;

  const forget = () => {
    update.done();
    drawn = [];
  };
  /** A terminal that became narrower has broken the lines of the picture into more rows than were written. */
  const eraseBroken = () => {
    const { columns, rows } = size();
    const rowsOf = (line: string) => Math.max(1, Math.ceil(widthOf(line, drawnColumns) / columns));
    const height = drawn.reduce((sum, line) => sum + rowsOf(line), 0);
    if (height > 0) written += `\r\x1b[${Math.min(height, rows - 1)}A\x1b[J`;
    forget();
  };
  const draw = (picture: readonly string[], above: readonly string[]) => {
    for (const line of above) written += `${line}\n`;
    if (picture.length > 0) {
      const before = written;
      written = '';
      update(picture.join('\n'));
      written = before + (written === '' ? '' : `${withoutWrap}${written}${withWrap}`);
    }
    drawn = picture;
    drawnColumns = size().columns;
    if (written !== '') output.write(`${begin}${written}${commit}`, onWritten);
    written = '';
  };

  return {
    get size() {
      return size();
    },
    get isBusy() {
      return output.writableLength > 0;
    },
    draw(picture, above) {
      if (size().columns !== drawnColumns) eraseBroken();
      if (above.length > 0 || picture.length === 0) update.clear();
      draw(picture, above);
    },
    forget,
    end(picture, above) {
      if (size().columns !== drawnColumns) eraseBroken();
      // The line below as well, where a terminal shows the ^C that was typed.
      update.clear();
      draw(picture, above);
      forget();
    },
  };
}
