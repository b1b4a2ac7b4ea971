// What a helper says of its life, from real helpers.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginHelper } from '../../../../src/helper/create-helper.js';
import type { HelperEvent } from '../../../../src/helper/events/helper-event.js';
import { scratchFolder } from '../../../support/disks/scratch-folder.js';
import { all, file, helper } from '../../../support/helper/library-setup.js';

/** One event in a few words. */
function inShort(event: HelperEvent): string {
  if (event.type === 'job.state') {
    const { id, key, from, to, reason } = event;
    return `${id} ${key}: ${from} → ${to}${reason === undefined ? '' : ` (${reason})`}`;
  }
  return 'id' in event ? `${event.id} ${event.key}: ${event.type}` : event.type;
}

/** What trackers answer comes when it does. */
const inShortAll = async (events: AsyncIterable<HelperEvent>) =>
  (await all(events)).filter(({ type }) => type !== 'tracker.changed').map(inShort);

describe('events', () => {
  it('tell the life of a seed and of a download, in order', async () => {
    const source = await helper();
    const ofSource = source.events();
    const { path } = await file();
    const { torrentFile } = await source.seed(path, { key: 'mine' }).published;
    const given = await helper();
    const ofGiven = given.events();
    const job = given.download(torrentFile, { paused: true });
    await job.resume();
    await job.done;
    await job.remove();
    await given.close();
    await source.close();
    expect(await inShortAll(ofSource)).toEqual([
      ...['1 mine: undefined → making', '1 mine: job.known', '1 mine: making → writing'],
      ...['1 mine: writing → registering', '1 mine: registering → seeding'],
      ...['1 mine: job.published', 'helper.stopping', '1 mine: seeding → removed'],
      '1 mine: job.ended',
    ]);
    expect(await inShortAll(ofGiven)).toEqual([
      ...['1 undefined: undefined → paused (user)', '1 undefined: paused → queued'],
      ...['1 undefined: queued → fetching', '1 undefined: job.known'],
      ...['1 undefined: fetching → registering', '1 undefined: registering → checking'],
      ...['1 undefined: checking → downloading', '1 undefined: downloading → seeding'],
      ...['1 undefined: job.done', '1 undefined: seeding → removed', '1 undefined: job.ended'],
      'helper.stopping',
    ]);
  });

  it('tell of what a session brings back before it is said to be restored', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const dir = await scratchFolder();
    const session = { stateDir: dir, downloadDir: dir, noDht: true, session: 'story' };
    const first = await helper(session);
    const known = first.download(torrentFile, { key: 'known' });
    await known.done;
    await known.pause();
    first.download(`magnet:?xt=urn:btih:${'ab'.repeat(20)}`, { key: 'unknown', paused: true });
    await first.close();
    const { helper: second, open } = await beginHelper(session);
    const events = second.events();
    await open;
    const resumed = second.job(1)?.resume();
    await resumed;
    await second.job(1)?.done;
    await second.close();
    const told = await all(events);
    expect(told.slice(0, 4)).toMatchObject([
      { type: 'job.state', ...{ id: 1, key: 'known', to: 'paused', reason: 'user' } },
      { type: 'job.known', ...{ id: 1, name: known.name, infoHash: known.infoHash } },
      { type: 'job.state', ...{ id: 2, key: 'unknown', to: 'paused', reason: 'user' } },
      { type: 'helper.restored', jobCount: 2, nextId: 3 },
    ]);
    // The rest of what there is to know comes with its torrent.
    expect(told.filter(({ type }) => type === 'job.known')).toMatchObject([
      { lengthBytes: undefined, fileCount: undefined },
      { id: 1, lengthBytes: 200_000, fileCount: 1, pieceCount: 13, isPrivate: true },
    ]);
    expect(told.filter(({ type }) => type === 'job.ended')).toMatchObject([
      { id: 2, end: 'stopped' },
      { id: 1, end: 'stopped' },
    ]);
  });

  it('say that a command is refused to who gave it alone, and to all where it was a line', async () => {
    const given = await helper();
    const events = given.events();
    const { path } = await file();
    const seed = given.seed(path);
    await seed.published;
    await expect(seed.remove({ data: true })).rejects.toMatchObject({ code: 'REFUSED' });
    given.send('delete:1');
    given.send('pause:7');
    await given.close();
    const told = (await all(events)).filter(({ type }) => type === 'helper.warning');
    expect(told).toMatchObject([
      { error: { code: 'REFUSED', jobId: 1 } },
      { error: { code: 'JOB_UNKNOWN', jobId: 7 } },
    ]);
  });

  it('say why a job pauses by itself, and goes on', async () => {
    const source = await helper();
    const { path } = await file();
    const { torrentFile } = await source.seed(path).published;
    const dir = await scratchFolder();
    const blocked = join(dir, 'blocked');
    await writeFile(blocked, '');
    const given = await helper();
    const events = given.events();
    const job = given.download(torrentFile, { dir: join(blocked, 'own') });
    const told: string[] = [];
    for await (const event of events) {
      told.push(inShort(event));
      if (told.at(-1) === '1 undefined: checking → paused (disk)') {
        await rm(blocked);
        await mkdir(blocked);
        await job.resume();
      }
      if (event.type === 'job.done') break;
    }
    expect(told).toContain('1 undefined: job.warning');
  });
});
