import { describe, expect, it } from 'vitest';
import { diagnosticLine } from '../../../src/protocol/diagnostic-line.js';
import { lineAbove } from '../../../src/terminal/line-above.js';

const plain = { hasColours: false, hasSymbols: true };
const coloured = { hasColours: true, hasSymbols: true };
const failure = { code: 'DISK_FULL', message: '/srv: no space' } as const;

describe('a line above the picture', () => {
  it('has a magnet link on a line of its own, whole', () => {
    const magnetUri = `magnet:?xt=urn:btih:${'a'.repeat(40)}&tr=${'x'.repeat(400)}`;
    const line = diagnosticLine({
      ...{ kind: 'published', id: 1, file: 'a b.iso', torrentFile: '/t/a b.iso.torrent' },
      ...{ infoHash: 'a'.repeat(40), magnetUri },
    });
    expect(lineAbove(line, plain)).toEqual([
      'job 1 (a b.iso): published: /t/a b.iso.torrent',
      magnetUri,
    ]);
  });

  it('is that of stderr, without the name of the program', () => {
    const warned = diagnosticLine({ kind: 'warning', id: 3, file: 'x', failure });
    expect(lineAbove(warned, plain)).toEqual(['job 3 (x): warning: DISK_FULL: /srv: no space']);
    expect(lineAbove('bittorrent-helper: ready: peer port 1\n', coloured)).toEqual([
      'ready: peer port 1',
    ]);
  });

  it.each([
    ['failed', 31],
    ['warning', 33],
  ] as const)('of a job that %s has a colour', (kind, code) => {
    const line = diagnosticLine({ kind, id: 3, file: 'x', failure });
    expect(lineAbove(line, coloured)).toEqual([
      `\x1b[${code}mjob 3 (x): ${kind}: DISK_FULL: /srv: no space\x1b[0m`,
    ]);
  });

  it('is red where an instruction was refused', () => {
    const [refused] = lineAbove(diagnosticLine({ kind: 'refused', failure }), coloured);
    expect(refused).toMatch(/31mrefused: DISK_FULL/);
  });
});
