// Whatever peers do, the words that they are remembered in say what a map of them says.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { thisMachine } from '../../../src/tracker/senders/sender-key.js';
import { Swarms } from '../../../src/tracker/swarms/swarms.js';
import {
  answerOf,
  compactAddress,
  hashBytes,
  trackedAnnounce,
} from '../../support/trackers/tracked-announce.js';

const ips = ['192.0.2.1', '192.0.2.2', '2001:db8:1:1::1', '2001:db8:1:1::2', '2002:c000:201::1'];
const torrents = ['aa', 'bb', 'cc'].map((byte) => byte.repeat(20));

const steps = fc.array(
  fc.record({
    ip: fc.constantFrom(...ips),
    port: fc.integer({ min: 1, max: 6 }),
    torrent: fc.constantFrom(...torrents),
    isOwn: fc.boolean(),
    isComplete: fc.boolean(),
    event: fc.constantFrom('update', 'stopped', 'expire'),
  }),
  { maxLength: 200, size: 'max' },
);

interface Remembered {
  readonly torrent: string;
  readonly address: string;
  readonly isComplete: boolean;
  readonly atMs: number;
}

test('whatever peers announce, everybody who is there is told of, and nobody else', () => {
  fc.assert(
    fc.property(steps, (sequence) => {
      const swarms = new Swarms({ admit: 'any', peerTtlMs: 40, limits: { ownSeedersPerSwarm: 2 } });
      const model = new Map<string, Remembered>();
      for (const [atMs, { ip, port, torrent, isOwn, isComplete, event }] of sequence.entries()) {
        const key = `${torrent} ${isOwn} ${ip} ${port}`;
        if (event === 'expire') {
          swarms.expire(atMs);
          for (const [each, peer] of model) if (atMs - peer.atMs > 40) model.delete(each);
        } else {
          const own = isOwn ? { senderKey: thisMachine } : {};
          const fields = { infoHash: torrent, ip, port, isComplete, event, ...own } as const;
          swarms.announce(trackedAnnounce(fields), atMs);
          const address = compactAddress(ip, port);
          model.delete(key);
          if (event !== 'stopped') model.set(key, { torrent, address, isComplete, atMs });
        }
        expect(swarms.peers).toBe(model.size);
      }
      expect(swarms.size).toBe(new Set([...model.values()].map((peer) => peer.torrent)).size);
      for (const torrent of torrents) {
        const there = [...model.values()].filter((peer) => peer.torrent === torrent);
        const complete = there.filter(({ isComplete }) => isComplete).length;
        expect(swarms.scrape(hashBytes(torrent))).toMatchObject({
          complete,
          incomplete: there.length - complete,
        });
        // Asks as one who is to be told of all, and is not there itself afterwards.
        const asking = { infoHash: torrent, ip: '203.0.113.1', port: 9, peerId: 'nobody' } as const;
        const answer = answerOf(swarms.announce(trackedAnnounce({ ...asking, numWant: 100 }), 1e6));
        const told = answer.refusal === undefined ? answer.peers : [];
        swarms.announce(trackedAnnounce({ ...asking, event: 'stopped' }), 1e6);
        expect(new Set(told)).toEqual(new Set(there.map(({ address }) => address)));
      }
    }),
    { numRuns: 20 },
  );
});
