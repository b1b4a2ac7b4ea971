import { describe, expect, it } from 'vitest';
import { terminalLook } from '../../../src/terminal/terminal-look.js';

const colourful = { hasColors: () => true };

describe('the look of a terminal', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: 'no', FORCE_COLOR: '3' }, false],
    [{ NO_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
    [{ TERM: 'xterm-256color' }, true],
    [{ TERM: 'xterm-mono' }, false],
    [{ TERM: 'vt220' }, false],
  ])('with %j has colours: %s', (env, hasColours) => {
    expect(terminalLook(colourful, env).hasColours).toBe(hasColours);
    expect(terminalLook({ hasColors: () => false }, env).hasColours).toBe(false);
    expect(terminalLook({}, env).hasColours).toBe(false);
  });

  it.each([
    [{ LANG: 'de_DE.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'C' }, false],
    [{}, false],
    [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
    [{ LC_CTYPE: 'UTF-8' }, true],
    [{ LANG: 'de_DE.UTF-8', TERM: 'linux' }, false],
    [{ WT_SESSION: 'a' }, true],
  ])('with %j has more than ASCII: %s', (env, hasSymbols) => {
    expect(terminalLook(colourful, env).hasSymbols).toBe(hasSymbols);
  });
});
