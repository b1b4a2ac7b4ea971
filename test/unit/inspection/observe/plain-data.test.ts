// Whatever a program holds becomes data that may be written: bounded, without secrets, and never with a throw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActor, fromCallback } from 'xstate';
import { PlainData } from '../../../../src/inspection/observe/plain-data.js';

const plain = (value: unknown, characters = 5_000) => new PlainData(characters).value(value);

describe('plain data', () => {
  it('shows what JSON cannot', () => {
    const actor = createActor(
      fromCallback(() => {}),
      { id: 'monitor' },
    );
    class Torrent {
      toJSON() {
        return { name: 'a.iso' };
      }
    }
    const error = new TypeError('no', { cause: new Error('deeper') });
    expect(
      plain({
        big: 12n,
        none: Number.NaN,
        date: new Date(0),
        url: new URL('https://example.org/a'),
        bytes: new Uint8Array(3),
        map: new Map<unknown, unknown>([
          ['a', 1],
          [{}, 2],
        ]),
        set: new Set([1, 2]),
        actor,
        call: () => 1,
        symbol: Symbol('s'),
        torrent: new Torrent(),
        error: Object.assign(error, { code: 'E' }),
        left: undefined,
        null: null,
      }),
    ).toEqual({
      big: '12n',
      none: 'NaN',
      date: '1970-01-01T00:00:00.000Z',
      url: 'https://example.org/a',
      bytes: '3 bytes',
      map: { a: 1, '(object)': 2 },
      set: [1, 2],
      actor: '→ monitor',
      call: 'ƒ',
      symbol: 'Symbol(s)',
      torrent: { name: 'a.iso' },
      error: {
        name: 'TypeError',
        code: 'E',
        message: 'no',
        cause: { name: 'Error', message: 'deeper' },
      },
      null: null,
    });
  });

  it('says how much there is more', () => {
    const items = Array.from({ length: 50 }, (_, nth) => nth);
    expect(plain(items)).toEqual([...items.slice(0, 20), '… 30 more']);
    const fields = Object.fromEntries(items.map((nth) => [`f${nth}`, nth]));
    expect(plain(fields)).toMatchObject({ f0: 0, f19: 19, '…': '30 more' });
    expect(plain('x'.repeat(600))).toBe(`${'x'.repeat(500)}…`);
  });

  it('shows no secret, under whatever name, in whatever depth, and none that was cut in two', () => {
    const secret = 'd41d8cd98f00b204e9800998ecf8427e';
    const url = `http://t.example/${secret}/announce`;
    const shown = JSON.stringify(
      plain({
        url,
        [url]: 1,
        headers: { Cookie: `a=${secret}`, authorization: secret },
        passkey: secret,
        token: { parts: [secret] },
        error: new Error(`GET ${url}`, { cause: url }),
        map: new Map([[url, url]]),
        set: new Set([url]),
        json: { toJSON: () => url },
        far: `${'word '.repeat(797)}${url}`,
        near: `${'x'.repeat(470)} ${url}`,
      }),
    );
    expect(shown).not.toContain(secret.slice(0, 12));
    expect(shown).toContain('http://t.example/‹secret›/announce');
  });

  it('changes nothing of the prototype of anybody', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"isOurs":true},"constructor":1}');
    const shown: unknown = JSON.parse(JSON.stringify(plain(hostile)));
    expect({ ...Object(shown) }).not.toHaveProperty('isOurs');
    expect(shown).toEqual({ '(__proto__)': { isOurs: true }, constructor: 1 });
  });

  it('goes on where something throws', () => {
    const cyclic = { name: 'me', self: {} };
    cyclic.self = cyclic;
    const throws = () => {
      throw new Error('no');
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    class Hostile {
      toJSON() {
        return throws();
      }
    }
    class Endless {
      toJSON() {
        return this;
      }
    }
    const shown = plain({
      cyclic,
      proxy,
      hostile: new Hostile(),
      endless: new Endless(),
      list: new Proxy([], { get: throws }),
      get broken() {
        return throws();
      },
      error: Object.defineProperty(new Error('x'), 'message', { get: throws }),
      after: 1,
    });
    expect(shown).toMatchObject({
      cyclic: { name: 'me' },
      proxy: '(unreadable)',
      hostile: '(unreadable)',
      list: '(unreadable)',
      broken: '(unreadable)',
      error: '(unreadable)',
      after: 1,
    });
    expect(new PlainData(100).fields(proxy)).toEqual({});
    expect(new PlainData(100).changedFields({}, proxy)).toEqual({});
  });

  it('has never many more characters than it may, whatever it is made of', () => {
    const most = 1_000;
    const anything = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withDate: true,
      maxDepth: 6,
    });
    fc.assert(
      fc.property(anything, (value) => {
        expect(JSON.stringify(plain(value, most)).length).toBeLessThan(most * 2);
      }),
      { numRuns: 100 },
    );
    const wide = (depth: number): unknown =>
      depth === 0
        ? '\u0001'.repeat(500)
        : Object.fromEntries(
            Array.from({ length: 30 }, (_, nth) => [`${'k'.repeat(200)}${nth}`, wide(depth - 1)]),
          );
    expect(JSON.stringify(plain(wide(3), most)).length).toBeLessThan(most * 2);
  });
});
