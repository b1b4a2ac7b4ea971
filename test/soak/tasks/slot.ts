// One content and its two jobs: a helper publishes it, another one downloads it. All that is done with it is done here, one
// task after the other, so that each knows what must come of it.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Publication } from '../../support/helper/helper-lines.js';
import type { Random } from '../../support/random.js';
import { Broken } from '../helper/broken.js';
import type { LedgerJob } from '../helper/ledger.js';
import type { TestedHelper } from '../helper/tested-helper.js';
import type { Journal } from '../journal.js';
import { type Content, digestOf, isSame, makeContent } from './content.js';
import { isThere, moveJob } from './move-job.js';

export interface SlotOptions {
  readonly number: number;
  readonly publisher: TestedHelper;
  readonly fetcher: TestedHelper;
  readonly random: Random;
  readonly journal: Journal;
  /** Where metainfo files are served. */
  readonly webUrl: (torrentFile: string) => string;
  /** A folder on another file system, if there is one. */
  readonly farFolder: string | undefined;
}

export interface Slot {
  readonly number: number;
  readonly publisher: TestedHelper;
  readonly fetcher: TestedHelper;
  readonly content: Content;
  readonly publication: Publication;
  /** Whether others may begin to download it: not while it is published anew. */
  readonly isOpen: boolean;
  /** Others who download it now; it is not published anew meanwhile. */
  readonly visitors: number;
  beginVisit(): () => void;
  fetchAgain(): Promise<void>;
  adoptAgain(): Promise<void>;
  pauseFetch(): Promise<void>;
  pauseSeed(): Promise<void>;
  publishAgain(): Promise<void>;
  renew(): Promise<void>;
  moveSeed(): Promise<void>;
  moveDownload(): Promise<void>;
  askTwice(): Promise<void>;
  /** Both jobs are complete, and both copies are what they were. */
  check(): Promise<void>;
}

const longestPauseMs = 5_000;

/** Resolves when it is published and downloaded. */
export async function openSlot(options: SlotOptions): Promise<Slot> {
  const { number, publisher, fetcher, random, journal, webUrl, farFolder } = options;
  let generation = 0;
  let moves = 0;
  let visitors = 0;
  let isOpen = true;
  let content: Content;
  /** Where the published content lies now. */
  let seedPath: string;
  let seedJob: LedgerJob;
  let publication: Publication;
  let fetchJob: LedgerJob;

  const broken = (what: string): never => {
    journal.complain(`slot ${number}: ${what}`);
    throw new Broken(what);
  };

  const sourceOf = ({ torrentFile, magnet }: Publication): string =>
    random.pick([`torrent:${torrentFile}`, `torrent:${webUrl(torrentFile)}`, magnet]);

  const completed = async (helper: TestedHelper, job: LedgerJob) => {
    await helper.untilJob(job, () => job.percent === 100, 'complete');
    journal.count('a job reached 100');
  };

  const publish = async () => {
    seedJob = await publisher.ask(`file:${seedPath}`);
    await completed(publisher, seedJob);
    await publisher.untilJob(seedJob, () => seedJob.publication !== undefined, 'published');
    publication = seedJob.publication ?? broken('no publication');
  };

  const publishNew = async () => {
    generation += 1;
    const path = join(publisher.folder, 'shared', `s${number}, ${generation}: ä (x)`);
    content = await makeContent(path, random);
    seedPath = path;
    await publish();
  };

  /** Downloads, and compares at once. */
  const fetchIt = async () => {
    fetchJob = await fetcher.ask(sourceOf(publication));
    await fetched();
  };

  const fetched = async () => {
    await completed(fetcher, fetchJob);
    await fetcher.untilJob(fetchJob, () => fetchJob.contentPath !== undefined, 'told where');
    await mustBeSame(fetchJob.contentPath ?? broken('no path'), 'a download at 100');
  };

  const mustBeSame = async (path: string, what: string) => {
    if (await isSame(path, content)) return;
    const found = await digestOf(path).catch((error: unknown) => String(error));
    broken(`${what} differs: ${path} is ${found}, and ${content.digest} was published`);
  };

  const deleteFetched = async () => {
    const path = fetchJob.contentPath ?? broken('no path to delete');
    await fetcher.tell(`delete:${fetchJob.id}`);
    await fetcher.removed(fetchJob);
    if (await isThere(path)) broken(`delete:${fetchJob.id} left ${path}`);
  };

  const move = (helper: TestedHelper, job: LedgerJob, from: string): Promise<string> => {
    moves += 1;
    const parent = farFolder !== undefined && moves % 2 === 1 ? farFolder : helper.folder;
    const dir = join(parent, `moved ${helper.name} ${number} ${moves}`);
    return moveJob({ helper, job, content, from, dir, broken });
  };

  const alone = (task: () => Promise<void>) => async () => {
    isOpen = false;
    try {
      await task();
    } finally {
      isOpen = true;
    }
  };

  await publishNew();
  await fetchIt();

  return {
    number,
    publisher,
    fetcher,
    get content() {
      return content;
    },
    get publication() {
      return publication;
    },
    get isOpen() {
      return isOpen;
    },
    get visitors() {
      return visitors;
    },
    beginVisit() {
      visitors += 1;
      return () => {
        visitors -= 1;
      };
    },

    async fetchAgain() {
      await deleteFetched();
      await fetchIt();
    },

    async adoptAgain() {
      await fetcher.tell(`remove:${fetchJob.id}`);
      await fetcher.removed(fetchJob);
      const path = fetchJob.contentPath ?? broken('no path');
      await mustBeSame(path, 'what remove: did not touch');
      // Moved away, nobody can adopt it.
      if (path !== join(fetcher.folder, 'downloads', content.name)) {
        await rm(path, { recursive: true });
      }
      await fetchIt();
    },

    async pauseFetch() {
      await deleteFetched();
      fetchJob = await fetcher.ask(sourceOf(publication));
      await fetcher.tell(`pause:${fetchJob.id}`);
      fetcher.ledger.setPaused(fetchJob, true);
      await delay(random.below(longestPauseMs));
      await fetcher.tell(`resume:${fetchJob.id}`);
      fetcher.ledger.setPaused(fetchJob, false);
      await fetched();
    },

    async pauseSeed() {
      await publisher.tell(`pause:${seedJob.id}`);
      publisher.ledger.setPaused(seedJob, true);
      await delay(random.below(longestPauseMs));
      await publisher.tell(`resume:${seedJob.id}`);
      publisher.ledger.setPaused(seedJob, false);
      await publisher.untilJob(seedJob, () => seedJob.percent === 100, 'complete after a pause');
    },

    publishAgain: alone(async () => {
      const { infoHash, torrentFile } = publication;
      await publisher.tell(`remove:${seedJob.id}`);
      await publisher.removed(seedJob);
      await mustBeSame(seedPath, 'what remove: did not touch of a seed');
      await publish();
      if (publication.infoHash !== infoHash || publication.torrentFile !== torrentFile) {
        broken(`the same content became another torrent: ${torrentFile} ${infoHash}`);
      }
    }),

    renew: alone(async () => {
      await deleteFetched();
      await publisher.tell(`remove:${seedJob.id}`);
      await publisher.removed(seedJob);
      await rm(seedPath, { recursive: true });
      await rm(publication.torrentFile);
      await publishNew();
      await fetchIt();
    }),

    async moveSeed() {
      seedPath = await move(publisher, seedJob, seedPath);
    },

    async moveDownload() {
      await move(fetcher, fetchJob, fetchJob.contentPath ?? broken('no path to move'));
    },

    /** DUPLICATE, and nothing happens to the first. */
    async askTwice() {
      const second = await fetcher.ask(`torrent:${publication.torrentFile}`, true);
      const isRefused = () => second.fate === 'failed' && second.told.length > 0;
      await fetcher.until(isRefused, `job ${second.id} is refused as second`);
      if (!second.told.some((line) => line.includes(': DUPLICATE: '))) {
        broken(`the second job of a torrent failed otherwise: ${second.told.at(-1)}`);
      }
    },

    async check() {
      await publisher.untilJob(seedJob, () => seedJob.percent === 100, 'complete at the check');
      await fetcher.untilJob(fetchJob, () => fetchJob.percent === 100, 'complete at the check');
      await mustBeSame(seedPath, 'what was published');
      await mustBeSame(fetchJob.contentPath ?? broken('no path'), 'what was downloaded');
    },
  };
}
