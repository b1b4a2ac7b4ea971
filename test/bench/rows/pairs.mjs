// @ts-check
// 1 GiB that the helper seeds: to libtorrent, and to another helper. Beside libtorrent from libtorrent.

import { gibOf, speedLine } from '../figures/lines.mjs';
import { alternate, inOwnFolder } from '../figures/measure.mjs';
import { tellSwarm } from '../figures/tell.mjs';
import { libtorrentDownloader } from '../programs/downloaders.mjs';
import { chosenPieceBytes, helperPublisher, libtorrentPublisher } from '../programs/publishers.mjs';
import { playSwarm } from '../swarm.mjs';

const pieceBytes = 2 ** 20;

export const seeding = pairRow('seeding', {
  isFetchedByHelper: false,
  seederCpu: { must: 0.8, aim: 0.5 },
  speed: { must: 1.1, aim: 1.4 },
});
export const ours = pairRow('ours', {
  isFetchedByHelper: true,
  seederCpu: {},
  speed: { must: 1.2, aim: 1.5 },
});

/**
 * @typedef {object} Pair
 * @property {boolean} isFetchedByHelper Else by libtorrent.
 * @property {{ must?: number, aim?: number }} seederCpu
 * @property {{ must: number, aim: number }} speed
 */

/**
 * @param {string} row
 * @param {Pair} pair
 * @returns {(bench: import('../workbench.mjs').Workbench) => Promise<import('../figures/lines.mjs').Line[]>}
 */
function pairRow(row, { isFetchedByHelper, seederCpu, speed }) {
  return async (bench) => {
    const contents = await bench.contents(1, 2 ** 30);
    const [content] = contents;
    if (content === undefined) throw new Error('no content');
    const { runs, python, helper, against, libtorrent, helperDist, againstDist = '' } = bench;
    const libtorrentFetches = libtorrentDownloader(python);
    // A file as it is published, as long as the helper would choose such pieces by itself.
    const givenPieceBytes = async (/** @type {string} */ dist) =>
      inOwnFolder(bench, async (folder) =>
        (await chosenPieceBytes(python, dist, content, folder)) === pieceBytes
          ? undefined
          : pieceBytes,
      );
    const given = await givenPieceBytes(helperDist);
    const givenAgainst = against && (await givenPieceBytes(againstDist));
    const play = (
      /** @type {import('../programs/downloaders.mjs').Downloader} */ downloader,
      /** @type {import('../programs/publishers.mjs').Publish} */ publish,
      /** @type {number | undefined} */ seededPieceBytes,
    ) =>
      playSwarm(bench, {
        content,
        pieceBytes: seededPieceBytes,
        leechers: 1,
        uploadBytesPerSecond: undefined,
        downloader,
        publish,
      });
    const results = await alternate(
      runs,
      {
        helper: () =>
          play(
            isFetchedByHelper ? helper : libtorrentFetches,
            helperPublisher(python, helperDist),
            given,
          ),
        against:
          against &&
          (() =>
            play(
              isFetchedByHelper ? against : libtorrentFetches,
              helperPublisher(python, againstDist),
              givenAgainst,
            )),
        libtorrent: libtorrent && (() => play(libtorrent, libtorrentPublisher(python), pieceBytes)),
      },
      (name, result) => tellSwarm(row, name, 1, result),
    );
    const shared = {
      row,
      referenceName: 'libtorrent',
      isUnfinished: results.helper.some(({ done }) => done === 0),
    };
    const cpu = (/** @type {'seederCpuSeconds' | 'cpuSeconds'} */ key) => ({
      helper: results.helper.map((each) => each[key] / gibOf(contents)),
      against: results.against.map((each) => each[key] / gibOf(contents)),
      reference: results.libtorrent.map((each) => each[key] / gibOf(contents)),
      comparedBy: /** @type {const} */ ('ratio'),
    });
    const walls = {
      figure: 'wall s',
      helper: results.helper.map(({ wallSeconds }) => wallSeconds),
      against: results.against.map(({ wallSeconds }) => wallSeconds),
      reference: results.libtorrent.map(({ wallSeconds }) => wallSeconds),
    };
    return [
      { ...shared, figure: 'seeder, CPU s/GiB', ...cpu('seederCpuSeconds'), ...seederCpu },
      { ...shared, figure: 'leecher, CPU s/GiB', ...cpu('cpuSeconds') },
      speedLine({ ...shared, ...walls }, speed),
    ];
  };
}
