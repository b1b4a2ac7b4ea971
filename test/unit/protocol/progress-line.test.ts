import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { progressLine, readProgressLine } from '../../../src/protocol/progress-line.js';
import { splitLines } from '../../support/stdio/split-lines.js';

const progress = fc.record({
  id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  file: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(':', '1:x:-1\n2:y', '', '\ud800')),
  percent: fc.integer({ min: -2, max: 100 }),
});

describe('progressLine', () => {
  it('is the id, the file and the percent with colons between them', () => {
    expect(progressLine({ id: 3, file: 'a file.iso', percent: -1 })).toBe('3:a file.iso:-1\n');
  });

  it('is one line, whatever the file is called', () => {
    fc.assert(
      fc.property(progress, (said) => {
        const line = progressLine(said);
        expect(splitLines(line)).toEqual([line.slice(0, -1), '']);
      }),
    );
  });
});

describe('readProgressLine', () => {
  it('reads back what was said, whatever the file is called', () => {
    fc.assert(
      fc.property(progress, (said) => {
        expect(readProgressLine(progressLine(said))).toEqual(said);
      }),
    );
  });

  it('splits at the first and at the last colon', () => {
    expect(readProgressLine('12:http://host:80/x:y:7')).toEqual({
      id: 12,
      file: 'http://host:80/x:y',
      percent: 7,
    });
  });

  it.each(['', '1:x', 'x:1:1', '0:x:1', '1:x:', '1:x:-3', '1:x:+1', '1:x:1000', '1:a\n2:b:1'])(
    'does not take %j for a line of progress',
    (line) => {
      expect(readProgressLine(line)).toBeUndefined();
    },
  );
});
