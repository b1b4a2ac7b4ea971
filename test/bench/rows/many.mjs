// @ts-check
// Many of everything: what a job, a torrent, a file, an announce and a peer cost when there are thousands.
import { cpuLine } from '../figures/lines.mjs';
import { crowdedJobs, measureCrowd } from '../many/crowd.mjs';
import { allActive } from '../many/crowded-helper.mjs';
import { failingJobs, measureFailing } from '../many/failing.mjs';
import { inspectedJobs, measureInspected } from '../many/inspected.mjs';
import { measureManyFiles } from '../many/many-files.mjs';
import { measureSeeded } from '../many/seeded.mjs';
import { measureTrackers } from '../many/trackers.mjs';
import { measureWatched } from '../many/watched.mjs';
import { helperDownloader } from '../programs/downloaders.mjs';
import { playScene } from '../scene.mjs';
import { runSideBySide } from '../side-by-side.mjs';

/** @typedef {import('../figures/lines.mjs').Line} Line */
/** @typedef {(bench: import('../workbench.mjs').Workbench) => Promise<Line[]>} Row */

const kib = 2 ** 10;
const mib = 2 ** 20;

/** @type {Row} */
export async function manySeeded(bench) {
  const row = 'many-seeded';
  const thousand = await measureSeeded(bench, row, 1_000);
  const line = figureLines(row, thousand, 'libtorrent');
  return [
    line('1,000 published: CPU s', (each) => each.publishCpuSeconds, { ratio: [4, 2] }),
    line('the same: wall s', (each) => each.publishSeconds),
    line('the same: first line after s', (each) => each.firstLineSeconds),
    line('memory a torrent: KiB', (each) => each.torrentBytes / kib, { figure: [60, 30] }),
    line('all memory: MiB', (each) => each.residentBytes / mib),
    line('at rest: CPU s a minute', (each) => each.restCpuSecondsAMinute, { figure: [0.5, 0.1] }),
    line('1,000 restarted: s', (each) => each.restartSeconds, { figure: [1.5, 0.5] }),
    line('the same: CPU s', (each) => each.restartCpuSeconds),
    line('1,000 stopped: s', (each) => each.stopSeconds),
  ];
}

/**
 * How the cost of a job grows from 100 to 10,000 of them.
 *
 * @type {Row}
 */
export async function manyGrowth(bench) {
  const row = 'many-growth';
  const counts = [100, 1_000, 5_000, 10_000];
  const lines = [];
  for (const count of counts) {
    const line = figureLines(row, await measureSeeded(bench, row, count, false), 'libtorrent');
    const named = (/** @type {string} */ what) => `${count.toLocaleString('en')} ${what}`;
    lines.push(
      line(named('published: CPU s'), (each) => each.publishCpuSeconds),
      line(named('restarted: s'), (each) => each.restartSeconds),
      line(named('restarted: CPU s'), (each) => each.restartCpuSeconds),
      line(named('stopped: s'), (each) => each.stopSeconds),
    );
  }
  return lines;
}

/** @type {Row} */
export async function manyCrowd(bench) {
  const row = 'many-crowd';
  const line = figureLines(row, await measureCrowd(bench));
  return [
    line('first line of 5,000: s', (each) => each.firstLineSeconds, { figure: [0.5, 0.1] }),
    line('list: meanwhile: s', (each) => each.listSeconds, { figure: [0.2, 0.05] }),
    line(`${crowdedJobs} published: s`, (each) => each.allSeconds),
    line('stop: s', (each) => each.stopSeconds, { figure: [5, 2] }),
    line('longest turn: ms', (each) => each.holdMs, { figure: [100, 30] }),
  ];
}

/** @type {Row} */
export async function manyFailing(bench) {
  const row = 'many-failing';
  const line = figureLines(row, await measureFailing(bench));
  return [
    line(`of ${failingJobs}: CPU ms a job`, (each) => each.cpuMsAJob, { figure: [0.3, 0.1] }),
    line('longest turn: ms', (each) => each.holdMs),
  ];
}

/** @type {Row} */
export async function manyDownloads(bench) {
  const { python, helperDist, againstDist } = bench;
  const downloader = (/** @type {string} */ name, /** @type {string} */ dist) =>
    helperDownloader(python, name, dist, allActive);
  const crowded = {
    ...bench,
    helper: downloader('helper', helperDist),
    against: againstDist === undefined ? undefined : downloader('against', againstDist),
  };
  const contents = await bench.contents(1_000, 256 * kib);
  return playScene(crowded, { contents, pieceBytes: 32 * kib }, async (taskWith) => {
    const task = await taskWith(1);
    const results = await runSideBySide(crowded, 'many-downloads', task);
    return [cpuLine('many-downloads', task, results, { must: 5, aim: 2.5 })];
  });
}

/** @type {Row} */
export async function manyFiles(bench) {
  const row = 'many-files';
  const few = figureLines(row, await measureManyFiles(bench, 10_000));
  const line = figureLines(row, await measureManyFiles(bench, 100_000));
  return [
    few('10,000 downloaded: CPU s', (each) => each.downloadCpuSeconds, { figure: [4, 2] }),
    line('100,000 published: s', (each) => each.publishSeconds, { figure: [5, 2] }),
    line('the same: longest turn, ms', (each) => each.publishHoldMs, { figure: [100, 20] }),
    line('100,000 downloaded: s', (each) => each.downloadSeconds, { figure: [25, 8] }),
    line('the same: CPU s', (each) => each.downloadCpuSeconds),
    line('the same: longest turn, ms', (each) => each.downloadHoldMs, { figure: [100, 20] }),
    line('the same: most memory, MiB', (each) => each.downloadPeakMib),
  ];
}

/** @type {Row} */
export async function manyTracker(bench) {
  const row = 'many-tracker';
  const line = figureLines(row, await measureTrackers(bench), 'opentracker');
  return [
    line('UDP announce: CPU µs', (each) => each.udpMicros, { figure: [60, 25] }),
    line('HTTP announce: CPU µs', (each) => each.httpMicros, { figure: [120, 60] }),
    line('peers held, of 1,000,000', (each) => each.heldPeers),
    line('bytes a peer', (each) => each.peerBytes, { figure: [300, 150] }),
    line('memory with them: MiB', (each) => each.residentMib, { figure: [512, 512] }),
  ];
}

/** @type {Row} */
export async function manyWatched(bench) {
  const line = figureLines('many-watched', await measureWatched(bench));
  return [
    line('1,000 that move, nobody listens: % of a core', (each) => each.silent * 100),
    line('the same, each told once a second', (each) => each.listened * 100),
    line('told a second', (each) => each.toldASecond),
  ];
}

/** @type {Row} */
export async function manyInspected(bench) {
  const line = figureLines('many-inspected', await measureInspected(bench));
  const published = `${inspectedJobs.toLocaleString('en')} published`;
  return [
    line(`${published}, nobody inspects: CPU s`, (each) => each.aloneCpuSeconds),
    line('the same, inspected', (each) => each.inspectedCpuSeconds),
  ];
}

/** @type {Row} */
export async function many(bench) {
  const all = [manySeeded, manyCrowd, manyFailing, manyDownloads, manyFiles, manyTracker];
  const rows = [...all, manyWatched, manyInspected];
  const lines = [];
  for (const row of rows) lines.push(...(await row(bench)));
  return lines;
}

/**
 * Makes the lines of one measurement. Limits: of the figure itself, or of its ratio to the reference.
 *
 * @template T
 * @param {string} row
 * @param {{ helper: T[], against: T[], libtorrent?: T[], opentracker?: T[] }} results
 * @param {'libtorrent' | 'opentracker'} [reference]
 */
function figureLines(row, results, reference) {
  /**
   * @param {string} figure
   * @param {(each: T) => number} of
   * @param {{ figure?: [must: number, aim: number], ratio?: [must: number, aim: number] }} [limits]
   * @returns {Line}
   */
  return (figure, of, limits = {}) => {
    const [must, aim] = limits.ratio ?? limits.figure ?? [];
    return {
      row,
      figure,
      helper: results.helper.map(of),
      against: results.against.map(of),
      referenceName: reference ?? '',
      reference: (reference ? (results[reference] ?? []) : []).map(of),
      comparedBy: limits.ratio ? 'ratio' : 'figure',
      ...(must !== undefined && aim !== undefined && { must, aim }),
    };
  };
}
