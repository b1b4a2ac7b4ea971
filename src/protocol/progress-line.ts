// One line of progress, `ID:FILE:PERCENT`, in both directions. It decides the bytes of a line, not which lines there are.
import type { ProgressChange } from '../../machines/types.js';
import { escapeName, unescapeName } from './escape-name.js';

/** What a line of progress says. */
export type Progress = Pick<ProgressChange, 'id' | 'file' | 'percent'>;

/** The line that tells of a change, its line end included. */
export function progressLine({ id, file, percent }: Progress): string {
  return `${id}:${escapeName(file)}:${percent}\n`;
}

/** Reads a line of progress, with or without its line end; undefined if it is not one. */
export function readProgressLine(line: string): Progress | undefined {
  // FILE may hold colons itself: it lies between the first and the last one.
  const [, id, file, percent] = /^([1-9]\d*):(.*):(-[12]|\d{1,3})\r?\n?$/.exec(line) ?? [];
  if (id === undefined || file === undefined || percent === undefined) return undefined;
  return { id: Number(id), file: unescapeName(file), percent: Number(percent) };
}
