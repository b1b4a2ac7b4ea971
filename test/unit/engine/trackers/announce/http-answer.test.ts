import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHttpAnswer } from '../../../../../src/engine/trackers/announce/http-answer.js';
import { HelperError } from '../../../../../src/errors.js';
import { type Bencodable, encodeBencode } from '../../../../../src/metainfo/encode-bencode.js';

const url = 'http://tracker.example:80/secret/announce?passkey=secret';
const read = (answer: Bencodable) => readHttpAnswer(url, encodeBencode(answer));
const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe('an answer of an HTTP tracker', () => {
  it('has an interval and compact peers', () => {
    expect(read({ interval: 60, peers: bytes(1, 2, 3, 4, 0, 5) })).toEqual({
      intervalMs: 60_000,
      minIntervalMs: undefined,
      warning: undefined,
      trackerId: undefined,
      peers: ['1.2.3.4:5'],
    });
  });

  it('may have IPv6 peers beside them', () => {
    const peers6 = bytes(...Array<number>(15).fill(0), 1, 0, 6);
    const { peers } = read({ interval: 60, peers: bytes(1, 2, 3, 4, 0, 5), peers6 });
    expect(peers).toEqual(['1.2.3.4:5', '[::1]:6']);
  });

  it('may have its peers as dictionaries, of which the odd ones are left out', () => {
    const peers = [
      { 'peer id': 'x'.repeat(20), ip: '1.2.3.4', port: 5 },
      { ip: '::1', port: 6 },
      { ip: 'localhost', port: 7 },
      { ip: 8, port: 8 },
      { ip: '1.2.3.4', port: '9' },
      { port: 10 },
      'a',
      [],
    ];
    expect(read({ peers }).peers).toEqual(['1.2.3.4:5', '[::1]:6']);
  });

  it('names each peer once', () => {
    expect(read({ peers: bytes(1, 2, 3, 4, 0, 5, 1, 2, 3, 4, 0, 5) }).peers).toEqual(['1.2.3.4:5']);
  });

  it('yields a thousand peers at most', () => {
    const many = Array.from({ length: 1001 }, (_, index) => [1, 2, index >> 8, index & 255, 0, 5]);
    expect(read({ peers: bytes(...many.flat()) }).peers).toHaveLength(1000);
  });

  it('may set a least interval', () => {
    expect(read({ interval: 60, 'min interval': 90 }).minIntervalMs).toBe(90_000);
  });

  it.each<Bencodable>([-1, 0, '60', [60], { '60': 60 }])(
    'asks for ten minutes where its interval is %o',
    (interval) => {
      expect(read({ interval }).intervalMs).toBe(600_000);
    },
  );

  it.each([
    ['a line end', 'd8:intervali60e5:peers6:abcdefe\r\n'],
    ['a comment of the web server behind it', 'd8:intervali60e5:peers6:abcdefe<!-- 0.01 s -->'],
    [
      'a number too large, of what is not read',
      'd8:completei99999999999999999999e8:intervali60e5:peers6:abcdefe',
    ],
    ['a number that is none', 'd10:downloadedi1.5e8:intervali60e10:incompleteie5:peers6:abcdefe'],
    ['needless zeros', 'd8:completei007e8:intervali0060e5:peers6:abcdefe'],
    ['a key twice, of which the first counts', 'd8:intervali60e5:peers6:abcdef5:peers6:ghijkle'],
    ['keys out of order', 'd5:peers6:abcdef8:intervali60ee'],
  ])('may have %s', (_, text) => {
    expect(readHttpAnswer(url, Buffer.from(text))).toMatchObject({
      intervalMs: 60_000,
      peers: ['97.98.99.100:25958'],
    });
  });

  it.each(['', '8:intervali99999999999999999999e', '8:interval3:one'])(
    'may have no interval that can be read: %o',
    (interval) => {
      const { intervalMs, peers } = readHttpAnswer(
        url,
        Buffer.from(`d${interval}5:peers6:abcdefe`),
      );
      expect([intervalMs, peers.length]).toEqual([600_000, 1]);
    },
  );

  it('may have peers of both families, in both ways of writing them down', () => {
    const peers6 = bytes(...Array<number>(15).fill(0), 1, 0, 6);
    const peers = [
      { ip: '1.2.3.4', port: 5 },
      { ip: '2001:db8::1', port: 6 },
    ];
    expect(read({ peers, peers6 }).peers).toEqual(['1.2.3.4:5', '[2001:db8::1]:6', '[::1]:6']);
  });

  it('names no host that would have to be looked up', () => {
    const names = ['localhost', 'peer.example', 'router.local', '1.2.3.4.example', '0x7f000001'];
    expect(read({ peers: names.map((ip) => ({ ip, port: 5 })) }).peers).toEqual([]);
  });

  it('may have a warning, which cannot forge a line', () => {
    const warning = `a\nb\u001b[2J${'c'.repeat(500_000)}`;
    expect(read({ 'warning message': warning }).warning).toMatch(/^'a\\x0ab[^\p{Cc}]{50,300}$/u);
    for (const odd of [7, ['no'], '']) {
      expect(read({ 'warning message': odd }).warning).toBeUndefined();
    }
  });

  it('may have a tracker id of up to 256 bytes', () => {
    expect(read({ 'tracker id': bytes(0, 0xff) }).trackerId).toBe('00ff');
    expect(read({ 'tracker id': 'x'.repeat(257) }).trackerId).toBeUndefined();
    expect(read({ 'tracker id': 7 }).trackerId).toBeUndefined();
  });
});

describe('a refusal', () => {
  it('is told in the words of the tracker, but not with the passkey', () => {
    expect(() => read({ 'failure reason': 'unregistered torrent' })).toThrow(
      new HelperError(
        'TRACKER_UNREACHABLE',
        "tracker http://tracker.example refused the announce: 'unregistered torrent'",
      ),
    );
  });

  it('cannot forge a line, nor fill the screen', () => {
    const message = messageOf(() =>
      read({ 'failure reason': `a\nb\u2028\x1b[2J${'c'.repeat(500_000)}` }),
    );
    expect(message).toMatch(/^[^\p{Cc}\u2028]{50,300}$/u);
    expect(message).toContain('a\\x0ab');
  });

  it.each<Bencodable>([7, ['no'], { no: 'no' }, bytes(0xff, 0xfe)])(
    'is one even if its reason is %o',
    (reason) => {
      expect(() => read({ 'failure reason': reason })).toThrow(/refused the announce: .+/);
    },
  );
});

describe('bytes that are no answer', () => {
  it.each([
    '',
    'le',
    'i5e',
    '2:ok',
    '<html>',
    'd8:interval',
    'd8:intervali60e',
    '\n',
    '<!-- -->de',
  ])('fail: %o', (garbage) => {
    expect(() => readHttpAnswer(url, Buffer.from(garbage))).toThrow(
      'tracker http://tracker.example answered with something that is not a bencoded dictionary',
    );
  });

  it('throw nothing but TRACKER_UNREACHABLE, whatever they are', () => {
    const keys = ['interval', 'min interval', 'peers', 'peers6', 'failure reason'];
    const { value } = fc.letrec<{ value: Bencodable }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.maxSafeInteger(),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.dictionary(fc.constantFrom(...keys, 'ip', 'port'), tie('value')),
      ),
    }));
    const answers = fc.dictionary(fc.constantFrom(...keys), value).map(encodeBencode);
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), answers), (answer) => {
        try {
          const { intervalMs, peers } = readHttpAnswer(url, answer);
          expect(intervalMs).toBeGreaterThanOrEqual(30_000);
          expect(peers.length).toBeLessThanOrEqual(2000);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'HelperError', code: 'TRACKER_UNREACHABLE' });
        }
      }),
      { numRuns: 500 },
    );
  });
});

function messageOf(task: () => unknown): string {
  try {
    task();
  } catch (thrown) {
    if (thrown instanceof Error) return thrown.message;
  }
  throw new Error('it did not throw');
}
