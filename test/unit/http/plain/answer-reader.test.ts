import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader, NotPlain } from '../../../../src/http/plain/answer-reader.js';

const answer = (body: string, head = '') =>
  `HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;

/** The bodies of what comes in these chunks. */
function read(...chunks: readonly string[]): readonly string[] {
  const reader = new AnswerReader(100);
  const bodies: string[] = [];
  for (const chunk of chunks) {
    reader.add(Buffer.from(chunk, 'latin1'));
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      bodies.push(`${next.body}${next.isLast ? ' and no more' : ''}`);
    }
  }
  return bodies;
}

describe('answers', () => {
  it('are cut out of what comes, be it together or byte by byte', () => {
    const both = answer('first') + answer('', 'X: y\r\n') + answer('third');
    expect(read(both)).toEqual(['first', '', 'third']);
    expect(read(...both)).toEqual(['first', '', 'third']);
  });

  it('say whether they are the last of their connection', () => {
    expect(read(answer('a', 'connection: Close\r\n'))).toEqual(['a and no more']);
  });
});

describe('an answer is not plain', () => {
  it.each([
    ['with another status', 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['without a length', 'HTTP/1.1 200 OK\r\n\r\nbody'],
    ['with two lengths', answer('abc', 'Content-Length: 4\r\n')],
    ['with an odd length', 'HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc'],
    ['that is longer than it may be', answer('a'.repeat(101))],
    ['in chunks', answer('abc', 'Transfer-Encoding: chunked\r\n')],
    ['that is encoded', answer('abc', 'Content-Encoding: gzip\r\n')],
    ['with a folded header', answer('abc', 'X: y\r\n z\r\n')],
    ['whose lines end with LF alone', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['whose head has no end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(20_000)}`],
    ['that is none at all', 'garbage\r\n\r\n'],
  ])('%s', (_, text) => {
    expect(() => read(text)).toThrow(NotPlain);
  });
});

it('reads the same however what comes is cut, and throws nothing but that it is not plain', () => {
  const parts = fc.constantFrom(
    ...['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 404 No\r\n', 'Content-Length: 3\r\n', 'X: y\r\n'],
    ...['Connection: close\r\n', '\r\n', '\n', 'abc', ':', '\0', answer('body'), answer('')],
  );
  const text = fc.array(parts, { maxLength: 12 }).map((chosen) => chosen.join(''));
  const outcome = (...chunks: readonly string[]) => {
    try {
      return read(...chunks);
    } catch (thrown) {
      if (!(thrown instanceof NotPlain)) throw thrown;
      return 'not plain';
    }
  };
  fc.assert(
    fc.property(text, fc.nat(), (whole, at) => {
      const cut = whole.length === 0 ? 0 : at % whole.length;
      const [one, two] = [whole.slice(0, cut), whole.slice(cut)];
      expect(outcome(one, two)).toEqual(outcome(whole));
    }),
  );
});
