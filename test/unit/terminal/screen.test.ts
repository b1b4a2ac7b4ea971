// What is written to a terminal for a picture. That it looks right there is proved under tmux: test/e2e/live-view.test.ts.
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createScreen } from '../../../src/terminal/screen.js';

function fakeTerminal(columns: number, rows: number) {
  const writes: string[] = [];
  const output = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
  });
  const size = { columns, rows };
  return { output, writes, size };
}

describe('a screen', () => {
  it('is written to once for what is drawn at once, and shows it at once', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['one', 'two'], ['above']);
    screen.draw(['one', '2'], ['more', 'and more']);
    expect(writes).toHaveLength(2);
    for (const write of writes) {
      expect(write.startsWith('\x1b[?2026h') && write.endsWith('\x1b[?2026l')).toBe(true);
    }
  });

  it('is not written to where nothing has changed', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw([], []);
    expect(writes).toEqual([]);
    screen.draw(['one'], []);
    screen.draw(['one'], []);
    expect(writes).toHaveLength(1);
  });

  it('writes the line that has changed, and not those before it', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['first', 'second', 'third'], []);
    screen.draw(['first', 'second', '3'], []);
    expect(writes[1]).toContain('3');
    expect(writes[1]).not.toMatch(/first|second/);
  });

  it('lets no line of a picture wrap, and every line above it', () => {
    const { output, writes, size } = fakeTerminal(20, 24);
    createScreen(size, output).draw(['picture'], [`magnet:?${'x'.repeat(50)}`]);
    expect(writes[0]).toMatch(
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told
      /^\x1b\[\?2026hmagnet:\?x{50}\n\x1b\[\?7lpicture\n\x1b\[\?7h\x1b\[\?2026l$/,
    );
  });

  it('takes away as many rows as the lines became in a terminal that was made narrower', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['x'.repeat(79), 'y'.repeat(50), 'z'], []);
    size.columns = 30;
    screen.draw(['x'], []);
    // Three rows, two, and one.
    expect(writes[1]).toContain('\r\x1b[6A\x1b[J');
    size.rows = 4;
    size.columns = 20;
    screen.draw(['x'.repeat(19), 'y', 'z'], []);
    size.columns = 3;
    screen.draw(['x'], []);
    // Not into what has left the screen.
    expect(writes[3]).toContain('\r\x1b[3A\x1b[J');
  });

  it('leaves its last picture where it is', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['last but one'], []);
    screen.end(['last'], []);
    screen.draw([], ['farewell']);
    expect(writes[2]).toBe('\x1b[?2026hfarewell\n\x1b[?2026l');
  });

  it('takes away what was typed below it, when it ends', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['one', 'two'], []);
    screen.end(['one', 'two'], []);
    // The line that the cursor is in, and the two above.
    expect(writes[1]?.match(/\[2K/g)).toHaveLength(3);
  });

  it('leaves the cursor alone', () => {
    const { output, writes, size } = fakeTerminal(80, 24);
    const screen = createScreen(size, output);
    screen.draw(['a'], []);
    screen.draw(['b'], ['x']);
    screen.end(['c'], []);
    expect(writes.join('')).not.toContain('\x1b[?25');
  });
});
