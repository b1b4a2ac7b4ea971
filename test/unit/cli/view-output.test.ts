import { describe, expect, it } from 'vitest';
import { isForPeople } from '../../../src/cli/outputs/view-output.js';

const terminal = { isTTY: true };
const pipe = {};
const people = {
  stdin: terminal,
  stdout: terminal,
  stderr: terminal,
  env: { TERM: 'xterm' },
  pid: 0,
};

describe('a live view', () => {
  it('is for people at a terminal', () => {
    expect(isForPeople(people)).toBe(true);
  });

  it.each([
    ['stdin is no terminal', { stdin: pipe }],
    ['stdout is no terminal', { stdout: pipe }],
    ['stderr is no terminal', { stderr: pipe }],
    ['the terminal is dumb', { env: { TERM: 'dumb' } }],
    ['the terminal has no name', { env: { TERM: '' } }],
    ['a build server runs it', { env: { TERM: 'xterm', CI: 'true' } }],
  ])('is not shown where %s', (_, parts) => {
    expect(isForPeople({ ...people, ...parts })).toBe(false);
  });
});
