import { describe, expect, it } from 'vitest';
import { withoutHome } from '../../../../src/inspection/recording/without-home.js';

/** Of a text somewhere in a record. */
function written(homes: readonly string[], text: string): unknown {
  return JSON.parse(withoutHome(homes)(JSON.stringify({ context: { a: [text] } }))).context.a[0];
}

describe('a recording', () => {
  it.each([
    ['/home/ben', '~'],
    ['/home/ben/a.iso', '~/a.iso'],
    ['file:/home/ben/a.iso', 'file:~/a.iso'],
    ['cannot read /home/ben.', 'cannot read ~.'],
    ['one\n/home/ben/a\ttwo "/home/ben/b"', 'one\n~/a\ttwo "~/b"'],
    ['file:///home/ben/a', 'file://~/a'],
    ['magnet:?dn=%2Fhome%2Fben%2Fa', 'magnet:?dn=~%2Fa'],
    ['/HOME/Ben/a', '~/a'],
  ])('has no home directory in %j', (text, without) => {
    expect(written(['/home/ben'], text)).toBe(without);
  });

  it.each(['/home/benjamin/a', '/srv/home/ben/a', '/home/ben-2/a', '/home', 'ben'])(
    'leaves %j as it is, which is another',
    (text) => {
      expect(written(['/home/ben'], text)).toBe(text);
    },
  );

  it('has none in the names of fields', () => {
    const json = withoutHome(['/home/ben'])('{"/home/ben/a":1,"b":null}');
    expect(json).toBe('{"~/a":1,"b":null}');
  });

  it('has none that is written in the way of Windows, or of a URL', () => {
    const homes = ['C:\\Users\\Ben Ö'];
    expect(written(homes, 'c:\\users\\Ben Ö\\a')).toBe('~\\a');
    expect(written(homes, 'C:/Users/Ben Ö/a')).toBe('~/a');
    expect(written(homes, 'file:///C:/Users/Ben%20%C3%96/a')).toBe('file:///~/a');
    expect(written(homes, '\\\\?\\C:\\Users\\Ben Ö\\a')).toBe('\\\\?\\~\\a');
  });

  it('has none where the home directory is a pattern of its own', () => {
    expect(written(['/home/b.n+(x)'], '/home/b.n+(x)/a /home/bin+(x)/a')).toBe(
      '~/a /home/bin+(x)/a',
    );
  });

  it('leaves everything as it is where the home directory is the root, or none', () => {
    for (const homes of [[], ['/'], ['C:\\'], ['']])
      expect(written(homes, '/a C:\\a')).toBe('/a C:\\a');
  });
});
