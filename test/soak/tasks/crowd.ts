// Thousands of small files that one helper seeds all along, of which now and then one is removed and published again, as it was
// or as another.
import { createCipheriv } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../support/random.js';
import type { LedgerJob } from '../helper/ledger.js';
import type { TestedHelper } from '../helper/tested-helper.js';
import type { Journal } from '../journal.js';

export interface Crowd {
  /** Removes one of them, and publishes it again. */
  turnOver(): Promise<void>;
  /** Each of them is seeded. */
  check(): Promise<void>;
}

export interface CrowdOptions {
  readonly helper: TestedHelper;
  readonly count: number;
  readonly random: Random;
  readonly journal: Journal;
}

interface Member {
  readonly path: string;
  job: LedgerJob;
}

const longestBytes = 64 * 1024;

/** Resolves when all of them are published. */
export async function publishCrowd({
  helper,
  count,
  random,
  journal,
}: CrowdOptions): Promise<Crowd> {
  const folder = join(helper.folder, 'crowd');
  await mkdir(folder, { recursive: true });
  const write = (path: string) => {
    const stream = createCipheriv('aes-128-ctr', random.bytes(16), random.bytes(16));
    return writeFile(path, stream.update(Buffer.alloc(1 + random.below(longestBytes))));
  };
  const publish = (path: string) => helper.ask(`file:${path}`);
  const published = ({ job }: Member) =>
    helper.untilJob(job, () => job.percent === 100, 'complete');
  const paths = Array.from({ length: count }, (_, nth) => join(folder, `c${nth + 1}`));
  const members: Member[] = [];
  for (const path of paths) {
    await write(path);
    members.push({ path, job: await publish(path) });
  }
  const check = async () => {
    for (const member of members) await published(member);
  };
  await check();

  return {
    async turnOver() {
      const member = random.pick(members);
      journal.count('one of the crowd published again', member.path);
      await helper.tell(`remove:${member.job.id}`);
      await helper.removed(member.job);
      if (random.chance(0.5)) await write(member.path);
      member.job = await publish(member.path);
      await published(member);
    },
    check,
  };
}
