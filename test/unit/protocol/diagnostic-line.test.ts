import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../machines/types.js';
import { diagnosticLine, isError } from '../../../src/protocol/diagnostic-line.js';
import { splitLines } from '../../support/stdio/split-lines.js';

const failure = { code: 'DISK_FULL', message: 'no room at /srv; free some' } as const;
const publication = {
  torrentFile: '/t/a.torrent',
  infoHash: 'a'.repeat(40),
  magnetUri: 'magnet:?xt=urn:btih:aa',
};

const diagnostics: [Diagnostic, string][] = [
  [
    { kind: 'failed', id: 3, file: 'a b', failure },
    'job 3 (a b): failed: DISK_FULL: no room at /srv; free some',
  ],
  [
    { kind: 'warning', id: 3, file: 'a', failure },
    'job 3 (a): warning: DISK_FULL: no room at /srv; free some',
  ],
  [{ kind: 'warning', failure }, 'warning: DISK_FULL: no room at /srv; free some'],
  [{ kind: 'refused', failure }, 'refused: DISK_FULL: no room at /srv; free some'],
  [{ kind: 'not-understood', line: 'hello' }, 'Message not understood: hello'],
  [
    { kind: 'published', id: 1, file: 'a', ...publication },
    `job 1 (a): published: /t/a.torrent ${'a'.repeat(40)} magnet:?xt=urn:btih:aa`,
  ],
  [{ kind: 'done', id: 2, file: 'a', contentPath: '/d/a' }, 'job 2 (a): done: /d/a'],
  [{ kind: 'removed', id: 2, file: 'a' }, 'job 2 (a): removed'],
];

describe('diagnosticLine', () => {
  it.each(diagnostics)('tells of %j', (diagnostic, line) => {
    expect(diagnosticLine(diagnostic)).toBe(`bittorrent-helper: ${line}\n`);
  });

  it('shows characters that turn or hide text, wherever they stand', () => {
    const text = 'gnp\u202e.exe\u200b';
    const told: Diagnostic[] = [
      { kind: 'not-understood', line: text },
      { kind: 'failed', id: 1, file: text, failure: { code: 'INTERNAL', message: text } },
      { kind: 'published', id: 1, file: text, ...publication, torrentFile: text, magnetUri: text },
      { kind: 'done', id: 1, file: text, contentPath: text },
      { kind: 'moved', id: 1, file: text, contentPath: text },
    ];
    for (const diagnostic of told) {
      expect(diagnosticLine(diagnostic)).toContain('gnp\\u202e.exe\\u200b');
      expect(diagnosticLine(diagnostic)).not.toMatch(/[\u200b\u202e]/);
    }
  });

  it('is one line, whatever names and messages hold', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constant('x\nbittorrent-helper: job 1 (y): removed'),
    );
    const anything: fc.Arbitrary<Diagnostic> = fc.oneof(
      fc.record({ kind: fc.constant('not-understood' as const), line: text }),
      fc.record({
        kind: fc.constant('done' as const),
        id: fc.nat(),
        file: text,
        contentPath: text,
      }),
      fc.record({
        kind: fc.constant('failed' as const),
        id: fc.nat(),
        file: text,
        failure: fc.record({ code: fc.constant('INTERNAL'), message: text }),
      }),
    );
    fc.assert(
      fc.property(anything, (diagnostic) => {
        const line = diagnosticLine(diagnostic);
        expect(splitLines(line)).toEqual([line.slice(0, -1), '']);
      }),
    );
  });

  it('cuts long names, lines and messages, but never through a character', () => {
    const long = `${'x'.repeat(199)}${'🧲'.repeat(50_000)}`;
    expect(diagnosticLine({ kind: 'not-understood', line: long })).toBe(
      `bittorrent-helper: Message not understood: ${'x'.repeat(199)}…\n`,
    );
    const line = diagnosticLine({
      kind: 'failed',
      id: 1,
      file: long,
      failure: { ...failure, message: long },
    });
    expect(line.length).toBeLessThan(2300);
  });
});

describe('isError', () => {
  it('holds for what failed, was refused, or was not understood', () => {
    const errors = diagnostics.map(([diagnostic]) => diagnostic).filter(isError);
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(
      new Set(['failed', 'refused', 'not-understood']),
    );
  });
});
