// @ts-check
// Many that fetch from one at the same time, and from each other.
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tellSwarm } from '../figures/tell.mjs';
import { chosenPieceBytes, helperPublisher, libtorrentPublisher } from '../programs/publishers.mjs';
import { playSwarm } from '../swarm.mjs';

const mib = 2 ** 20;

/** @typedef {Pick<import('../figures/lines.mjs').Line, 'comparedBy' | 'must' | 'aim'>} Limits */

/** @type {Limits} */
const told = { comparedBy: 'ratio' };

export const swarm16 = swarmRow('swarm-16', {
  leechers: 16,
  lengthBytes: 32 * mib,
  wall: told,
  cpu: { comparedBy: 'ratio', must: 4, aim: 2 },
  copies: { comparedBy: 'figure', must: 4, aim: 2 },
});
export const swarm16Slow = swarmRow('swarm-16-slow', {
  leechers: 16,
  lengthBytes: 32 * mib,
  uploadBytesPerSecond: 4 * mib,
  wall: { comparedBy: 'figure', must: 2.2, aim: 1.25 },
  cpu: told,
  copies: { comparedBy: 'figure', must: 2.2, aim: 1.2 },
});
export const swarm30 = swarmRow('swarm-30', {
  leechers: 30,
  lengthBytes: 100 * mib,
  wall: { comparedBy: 'ratio', must: 3, aim: 1.5 },
  cpu: told,
  copies: told,
});

/**
 * @typedef {object} SwarmSize
 * @property {number} leechers
 * @property {number} lengthBytes
 * @property {number} [uploadBytesPerSecond] Of the seeder. The wall is then told in the time that one copy takes.
 * @property {Limits} wall
 * @property {Limits} cpu
 * @property {Limits} copies
 */

/**
 * @param {string} row
 * @param {SwarmSize} size
 * @returns {(bench: import('../workbench.mjs').Workbench) => Promise<import('../figures/lines.mjs').Line[]>}
 */
function swarmRow(row, { leechers, lengthBytes, uploadBytesPerSecond, wall, cpu, copies }) {
  return async (bench) => {
    const [content] = await bench.contents(1, lengthBytes);
    if (content === undefined) throw new Error('no content');
    const { runs, python, helper, against, libtorrent, helperDist, againstDist = '' } = bench;
    const chosen =
      bench.pieceBytes ??
      (libtorrent &&
        (await inOwnFolder(bench, (folder) =>
          chosenPieceBytes(python, helperDist, content, folder),
        )));
    const play = (
      /** @type {import('../programs/downloaders.mjs').Downloader} */ downloader,
      /** @type {import('../programs/publishers.mjs').Publish} */ publish,
      pieceBytes = bench.pieceBytes,
    ) =>
      playSwarm(bench, {
        content,
        pieceBytes,
        leechers,
        uploadBytesPerSecond,
        downloader,
        publish,
      });
    const results = await alternate(
      runs,
      {
        helper: () => play(helper, helperPublisher(python, helperDist)),
        against: against && (() => play(against, helperPublisher(python, againstDist))),
        libtorrent: libtorrent && (() => play(libtorrent, libtorrentPublisher(python), chosen)),
      },
      (name, result) => tellSwarm(row, name, leechers, result),
    );
    const unfinished = Object.entries(results)
      .map(([name, each]) => [name, Math.min(...each.map(({ done }) => done))])
      .filter(([, done]) => Number(done) < leechers)
      .map(([name, done]) => `${name}: not done: ${done} of ${leechers} were`);
    const oneCopySeconds = lengthBytes / (uploadBytesPerSecond ?? Number.NaN);
    const { figure: wallFigure, unit } =
      uploadBytesPerSecond === undefined
        ? { figure: 'wall s', unit: 1 }
        : { figure: `wall, of ${oneCopySeconds} s for a copy`, unit: oneCopySeconds };
    const figures = /** @type {const} */ ([
      [wallFigure, 'wallSeconds', unit, wall],
      ['CPU s, all leechers', 'cpuSeconds', 1, cpu],
      ['copies sent', 'copies', 1, copies],
    ]);
    return figures.map(([figure, key, each, limits]) => ({
      row,
      figure,
      helper: results.helper.map((result) => result[key] / each),
      against: results.against.map((result) => result[key] / each),
      referenceName: 'libtorrent',
      reference: results.libtorrent.map((result) => result[key] / each),
      ...limits,
      isUnfinished: results.helper.some(({ done }) => done < leechers),
      note: key === 'wallSeconds' ? unfinished.join('; ') : '',
    }));
  };
}
