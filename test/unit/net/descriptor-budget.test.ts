// How many connections there may be, by how many files may be open.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  connectionCaps,
  openFilesLimit,
  parseOpenFiles,
} from '../../../src/net/descriptor-budget.js';

const sum = (openFiles: number) => {
  const { incoming, outgoing, tracker } = connectionCaps(openFiles);
  return incoming + outgoing + tracker;
};

it('leaves half of what may be open for files, or 320', () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 100_000 }), (openFiles) => {
      expect(sum(openFiles)).toBeLessThanOrEqual(openFiles - Math.min(openFiles / 2, 320));
      const [less, more] = [connectionCaps(openFiles), connectionCaps(openFiles + 100)];
      expect(more.incoming).toBeGreaterThanOrEqual(less.incoming);
    }),
  );
});

it('limits nothing further where many files may be open', () => {
  const caps = { incoming: 500, outgoing: 200, tracker: 1_000 };
  expect(connectionCaps(4_096)).toEqual(caps);
  expect(connectionCaps(Number.POSITIVE_INFINITY)).toEqual(caps);
});

it('is a few connections of each kind where 256 may be', () => {
  expect(connectionCaps(256)).toEqual({ incoming: 51, outgoing: 25, tracker: 51 });
  expect(connectionCaps(1)).toEqual({ incoming: 1, outgoing: 1, tracker: 1 });
});

it.each([
  ['Max open files            256                  1024                 files', 256],
  [
    'Max cpu time  1  2  s\nMax open files            1048576              1048576   files \n',
    1_048_576,
  ],
  ['Max open files            unlimited            unlimited            files', 4_096],
  ['', 4_096],
])('reads the limit that holds from %j', (text, expected) => {
  expect(parseOpenFiles(text)).toBe(expected);
});

it('knows the limit of this process', () => {
  expect(openFilesLimit()).toBeGreaterThan(16);
});
