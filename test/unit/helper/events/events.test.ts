// What a helper says of its life, from real helpers.
import { describe, expect, it } from 'vitest';
import type { HelperEvent } from '../../../../src/helper/events/helper-event.js';
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
});
