import { describe, expect, it } from 'vitest';
import { jobStats } from '../../../../src/helper/stats/job-stats.js';

const measure = {
  bytesDown: 0,
  bytesUp: 0,
  bytesWasted: 0,
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  peers: 0,
  seeds: 0,
  etaSeconds: undefined,
};

describe('the percent of a job', () => {
  it.each([
    ['is unknown before its first line of percents', -1, 200, undefined],
    ['is that of its last line', 40, undefined, 40],
    ['is what was measured since', 40, 101, 50],
    ['never falls', 40, 10, 40],
    ['is 99 while all of it is verified, and not yet safe on disk', 60, 200, 99],
    ['stays 100 when its content is found damaged', 100, 10, 100],
  ])('%s', (_, said, bytesDone, percent) => {
    const job = { id: 1, percent: said, lengthBytes: 200 };
    expect(jobStats(job, { ...measure, bytesDone })).toMatchObject({ percent });
  });
});
