// What a running helper says to whoever started it: its lines, the JSON dialect, or a view for people. One of them has
// stdout, and says how lines for people reach stderr; none decides when the helper stops.
import type { InputLine } from '../../../machines/types.js';
import type { Dialect, DialectParts } from '../../dialect/dialect.js';
import type { BegunHelper } from '../../helper/create-helper.js';
import type { LineWriter } from '../../stdio/write-lines.js';

export interface HelperOutput {
  /** Lines for people: diagnostics, and when it is ready. */
  readonly people: LineWriter;
  /** Called once, before the jobs of a session say anything. */
  begin(parts: OutputParts): RunningOutput;
}

export interface OutputParts extends Pick<BegunHelper, 'helper' | 'give' | 'lines' | 'open'> {
  /** For whoever speaks the dialect. */
  readonly speaking: DialectParts;
}

export interface RunningOutput {
  /** Of an output that speaks it. */
  readonly dialect?: Dialect;
  /** Resolves when the helper is closed and all has left the process. Rejects when stdout cannot be written. */
  readonly written: Promise<void>;
  /** The longest line that is taken, without its line end. */
  readonly maxLineBytes: number;
  /** Lines of stdin, or an argument. Nothing more is to be read until what it gives back has resolved. */
  take(lines: readonly InputLine[]): Promise<void> | undefined;
}
