// Whole pictures, by the width of the terminal.
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { frameOf } from '../../../../src/terminal/frame/frame.js';
import type { Look } from '../../../../src/terminal/frame/look.js';
import { type GivenJob, modelOf } from '../shown-jobs.js';

const plain: Look = { hasColours: false, hasSymbols: true };

const few: readonly GivenJob[] = [
  {
    ...{ file: 'debian-12.8.0-amd64-netinst.iso', percent: 52, bytesTotal: 661_651_456 },
    ...{ bytesDone: 344_000_000, downBytesPerSecond: 12_900_000, peers: 14, etaSeconds: 25 },
  },
  {
    ...{ file: '日本語のとても長い名前のファイル.mkv', percent: 7, bytesTotal: 4_000_000_000 },
    ...{ bytesDone: 280_000_000, downBytesPerSecond: 1_200_000, peers: 1, etaSeconds: 3_100 },
    upBytesPerSecond: 70_000,
  },
  {
    ...{ file: '/srv/models/model.bin', kind: 'seed', state: 'seeding', percent: 100 },
    ...{ bytesTotal: 20_000_000, upBytesPerSecond: 523_000, peers: 3 },
  },
  { file: 'magnet:?xt=urn:btih:ab&dn=a+film.mkv', state: 'fetching' },
  { file: 'paused.iso', state: 'paused', percent: 99, bytesDone: 990_000 },
  { file: 'later.iso', state: 'queued' },
];

const picture = (columns: number, rows = 24, look = plain, jobs = few) =>
  frameOf(modelOf(jobs), { columns, rows }, look);

describe('a picture', () => {
  it('has in 40 columns a name, a percentage, a rate and the time left', () => {
    expect(picture(40)).toEqual([
      'debian-12.….iso  52% 12.3 MiB/s    0:25',
      '日本語のと….mkv   7%  1.1 MiB/s   51:40',
      'a film.mkv      fetching',
      'model.bin       seeding     ↑ 511 KiB/s',
      'paused.iso       99%             paused',
      'later.iso       queued',
      '↓ 13.4 MiB/s · ↑ 579 KiB/s · 2 downloa…',
    ]);
  });

  it('has in 80 columns the id, a bar and the peers as well', () => {
    expect(picture(80)).toEqual([
      '1 debian-12.8.0-amd…inst.iso ██████░░░░░░  52% ↓ 12.3 MiB/s    0:25    14 peers',
      '2 日本語のとても長…イル.mkv  ░░░░░░░░░░░░   7%  ↓ 1.1 MiB/s   51:40     1 peer',
      '4 a film.mkv                 fetching',
      '3 model.bin                  seeding            ↑ 511 KiB/s             3 peers',
      '5 paused.iso                 ███████████░  99%       paused',
      '6 later.iso                  queued',
      '↓ 13.4 MiB/s · ↑ 579 KiB/s · 2 downloading, 1 fetching, 1 seeding, 1 paused, 1…',
    ]);
  });

  it('has in 200 columns whole names, a long bar, sizes and both directions', () => {
    const bar = '█'.repeat(17) + '░'.repeat(16);
    const [first, second, third, fourth, , , last] = picture(200);
    expect(first).toBe(
      `1  debian-12.8.0-amd64-netinst.iso       ${bar}   52%    328 MiB of 631 MiB  ↓ 12.3 MiB/s                   0:25     14 peers`,
    );
    expect(second).toContain('日本語のとても長い名前のファイル.mkv  ██░');
    expect(second).toContain('267 MiB of 3.7 GiB   ↓ 1.1 MiB/s  ↑ 68.4 KiB/s    51:40      1 peer');
    expect(third).toMatch(/a film\.mkv {28}fetching +977 KiB$/);
    expect(fourth).toMatch(/seeding .*19\.1 MiB .*↑ 511 KiB\/s .* 3 peers$/);
    expect(last).toBe(
      '↓ 13.4 MiB/s · ↑ 579 KiB/s · 2 downloading, 1 fetching, 1 seeding, 1 paused, 1 queued',
    );
  });

  it('has but a name and how far it is in the narrowest terminals', () => {
    expect(picture(24).slice(0, 4)).toEqual([
      'debian-…iso         52%',
      '日本語…mkv           7%',
      'a film.mkv     fetching',
      'model.bin       seeding',
    ]);
  });

  it('is in ASCII where the terminal has no more', () => {
    const [first, second] = picture(80, 24, { hasColours: false, hasSymbols: false });
    expect(first).toBe(
      '1 debian-12.8.0-am...nst.iso ######......  52% v 12.3 MiB/s    0:25    14 peers',
    );
    expect(second).toMatch(/^2 日本語のとても長...ル\.mkv {2}\.{12} {3}7% {2}v 1\.1 MiB\/s/);
  });

  it('has colours where the terminal has them, and is the same without', () => {
    const coloured = picture(80, 24, { hasColours: true, hasSymbols: true });
    expect(coloured[0]).toContain('\x1b[36m██████\x1b[');
    expect(coloured.map((line) => stripped(line))).toEqual(picture(80));
  });

  it('leaves out the summary where there is but one job', () => {
    expect(picture(80, 24, plain, few.slice(0, 1))).toHaveLength(1);
    expect(picture(80, 24, plain, [])).toEqual([]);
  });

  it('folds the jobs that it has no room for into a line, those that wait first', () => {
    const many: GivenJob[] = Array.from({ length: 10_000 }, (_, at) =>
      at === 7_000
        ? { file: 'busy.iso', percent: 10, downBytesPerSecond: 5_000 }
        : { state: at < 9_000 ? 'queued' : 'seeding', kind: 'seed', file: `${at + 1}.bin` },
    );
    const model = modelOf(many);
    const lines = frameOf(model, { columns: 80, rows: 24 }, plain);
    expect(lines).toHaveLength(12);
    expect(lines[0]).toMatch(/^7001 busy\.iso +█░{11} {2}10% {2}↓ 4\.9 KiB\/s/);
    expect(lines[1]).toMatch(/^9001 9001\.bin +seeding$/);
    expect(lines.at(-2)).toBe('… 9,990 more: 991 seeding, 8,999 queued');
    expect(lines.at(-1)).toBe('↓ 4.9 KiB/s · 1 downloading, 1,000 seeding, 8,999 queued');
    expect(frameOf(model, { columns: 80, rows: 4 }, plain)).toEqual([
      '… 10,000 more: 1 downloading, 1,000 seeding, 8,999 queued',
      lines.at(-1),
    ]);
    expect(frameOf(model, { columns: 80, rows: 60 }, plain)).toHaveLength(30);
  });

  it('is never wider than the terminal, nor taller, whatever a name is made of', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.string({ unit: 'grapheme', maxLength: 120 }),
      fc.constantFrom('👨‍👩‍👧‍👦'.repeat(50), `e${'\u0301'.repeat(5_000)}`, '\x1b[2J\x1b[H\r\n', ''),
    );
    const job = fc.record({
      file: name,
      state: fc.constantFrom('downloading', 'seeding', 'paused', 'registering', 'queued'),
      percent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      downBytesPerSecond: fc.nat(2 ** 40),
      upBytesPerSecond: fc.nat(2 ** 40),
      bytesTotal: fc.nat(2 ** 45),
      peers: fc.nat(100_000),
      etaSeconds: fc.option(fc.nat(10 ** 8), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(job, { maxLength: 8 }),
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        fc.boolean(),
        (jobs, columns, rows, hasColours, hasSymbols) => {
          const lines = picture(columns, rows, { hasColours, hasSymbols }, jobs);
          expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 2));
          for (const line of lines) {
            expect(stringWidth(line)).toBeLessThan(Math.max(columns, 1));
            expect(stripped(line)).not.toMatch(/\p{Cc}/u);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

function stripped(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken away
  return line.replace(/\x1b\[\d+m/g, '');
}
