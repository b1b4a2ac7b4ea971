// The numbers of jobs, from the engine in its thread to the program that reads them.
import { expect, it } from 'vitest';
import { file, helper } from '../../../support/helper/library-setup.js';

const mib = 2 ** 20;

it('tells how a download gets on, and falls silent with it', async () => {
  const { path } = await file(2 * mib);
  const seeder = await helper();
  const leecher = await helper({ down: 2 * mib });
  const { torrentFile } = await seeder.seed(path).published;
  const job = leecher.download(torrentFile);
  const told = [];
  for await (const stats of job.statsChanges({ everyMs: 100 })) {
    told.push(stats);
    const isSilent = stats.downBytesPerSecond === 0 && stats.percent === 100;
    if (isSilent && told.some(({ downBytesPerSecond }) => downBytesPerSecond > 0)) break;
  }
  const under = told.find(({ etaSeconds }) => etaSeconds !== undefined);
  expect(under).toMatchObject({ id: 1, bytesTotal: 2 * mib, peers: 1, seeds: 1 });
  const last = { percent: 100, bytesDone: 2 * mib, bytesDown: 2 * mib, bytesUp: 0, bytesWasted: 0 };
  expect(told.at(-1)).toMatchObject({ ...last, downBytesPerSecond: 0, etaSeconds: undefined });
  expect(job.stats).toMatchObject(last);
  expect(leecher.stats).toMatchObject({ jobs: 1, jobsByState: { seeding: 1 }, bytesDown: 2 * mib });
});
