import { expect, it } from 'vitest';
import { AnnounceRefused } from '../../../../src/engine/trackers/announce/tracker-error.js';
import { announceToTracker } from '../../../../src/engine/trackers/announce-to-tracker.js';
import type {
  OwnAnnounce,
  OwnAnnounceAnswer,
} from '../../../../src/tracker-protocol/own-announce.js';
import { announceAgent, httpTracker, request } from '../../../support/trackers/fake-trackers.js';

const accepted: OwnAnnounceAnswer = {
  intervalMs: 45_000,
  minIntervalMs: 15_000,
  seeders: 1,
  leechers: 2,
  ipv4Peers: '\x01\x02\x03\x04\x00\x05',
  ipv6Peers: `${'\x00'.repeat(15)}\x01\x00\xff`,
};
const url = 'http://tracker.invalid/announce';

/** Its HTTP port answers 418, so that it is known which way an announce went. */
async function own(answer: OwnAnnounceAnswer | undefined) {
  const asked: OwnAnnounce[] = [];
  const tracker = await httpTracker((_, response) => response.writeHead(418).end());
  const agent = announceAgent(
    new Map([['tracker.invalid:80', `127.0.0.1:${tracker.port}`]]),
    async (announce) => {
      asked.push(announce);
      return answer;
    },
  );
  const announce = (to: string, leftBytes = request.leftBytes) =>
    announceToTracker(to, { ...request, leftBytes, event: 'started' }, { agent });
  return { asked, announce };
}

it('hears of peers without a socket', async () => {
  const { asked, announce } = await own(accepted);
  expect(await announce(url)).toEqual({
    ...{ intervalMs: 45_000, minIntervalMs: 15_000, seeders: 1, leechers: 2 },
    ...{ peers: ['1.2.3.4:5', '[::1]:255'], from: '127.0.0.1' },
  });
  const { infoHash, peerId, port } = request;
  expect(asked[0]).toMatchObject({ infoHash, peerId, port, isComplete: false, event: 'started' });
});

it.each([
  [0, true],
  [1, false],
  ['unknown' as const, false],
])('is complete with %s left: %s', async (leftBytes, isComplete) => {
  const { asked, announce } = await own(accepted);
  await announce(url, leftBytes);
  expect(asked[0]?.isComplete).toBe(isComplete);
});

it('is refused as it would be over HTTP', async () => {
  const { announce } = await own({ refusal: 'go away' });
  const thrown = await announce(url).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(AnnounceRefused);
  expect(`${thrown}`).toMatch(/tracker http:\/\/tracker.invalid refused the announce: .go away.$/);
});

it('goes over HTTP where the tracker is not to be had otherwise', async () => {
  const { announce } = await own(undefined);
  await expect(announce(url)).rejects.toThrow('418');
});

it.each([
  'http://tracker.invalid/elsewhere',
  'http://name:word@tracker.invalid/announce',
  'http://tracker.invalid/announce?port=1',
])('goes over HTTP to %s', async (to) => {
  const { announce, asked } = await own(accepted);
  await expect(announce(to)).rejects.toThrow('418');
  expect(asked).toEqual([]);
});

it('is no way to the trackers of others', async () => {
  const { announce, asked } = await own(accepted);
  const other = await httpTracker((_, response) => response.writeHead(404).end());
  await expect(announce(`${other.origin}/announce`)).rejects.toThrow('404');
  expect(asked).toEqual([]);
});
