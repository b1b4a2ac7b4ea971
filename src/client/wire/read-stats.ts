// What is measured, as the dialect tells of it.
import type { HelperStats } from '../../helper/stats/helper-stats.js';
import type { JobStats } from '../../helper/stats/job-stats.js';
import { type Fields, fieldsOf, numberIn } from './read-fields.js';

export function readJobStats(id: number, key: string | undefined, fields: Fields): JobStats {
  return {
    id,
    key,
    percent: numberIn(fields, 'percent'),
    bytesTotal: numberIn(fields, 'bytesTotal'),
    seeds: numberIn(fields, 'seeds') ?? 0,
    etaSeconds: numberIn(fields, 'etaSeconds'),
    coalesced: numberIn(fields, 'coalesced') ?? 0,
    ...readMoved(fields),
  };
}

export function readHelperStats(value: unknown): HelperStats {
  const fields = fieldsOf(value);
  const counted = Object.entries(fieldsOf(fields.jobs)).flatMap(([state, count]) =>
    typeof count === 'number' && count > 0 ? [[state, count] as const] : [],
  );
  return {
    jobs: counted.reduce((sum, [, count]) => sum + count, 0),
    jobsByState: Object.fromEntries(counted),
    bytesTotal: numberIn(fields, 'bytesTotal') ?? 0,
    ...readMoved(fields),
  };
}

function readMoved(fields: Fields) {
  const number = (name: string) => numberIn(fields, name) ?? 0;
  return {
    bytesDone: number('bytesDone'),
    bytesDown: number('bytesDown'),
    bytesUp: number('bytesUp'),
    bytesWasted: number('bytesWasted'),
    downBytesPerSecond: number('downBytesPerSecond'),
    upBytesPerSecond: number('upBytesPerSecond'),
    peers: number('peers'),
  };
}
